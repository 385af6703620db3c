import { WebSocket } from 'ws';
import {
  bridge,
  echoServer,
  replicas,
  run,
  type Contestant,
  type Running,
} from './contestants.ts';
import { callsPerSecond } from './rawHttp.ts';
import {
  echoCall,
  initialize,
  keepAlive,
  openSession,
  type Endpoint,
} from './session.ts';

/** Calls a second over one way into the bridge, beside a session of Streamable HTTP in the same run. */
export interface Way {
  name: string;
  perSecond: number;
}

const PORT = 7720;
const AT_A_TIME = 50;
const MODERN = '2026-07-28';
const TEXT = echoCall(1).params.arguments.text;

async function legacy(at: Endpoint, session: Endpoint, seconds: number) {
  const agent = keepAlive();
  const headers = await openSession(session, agent);
  agent.destroy();
  const body = JSON.stringify(echoCall(1));
  return callsPerSecond(at.url, headers, body, TEXT, AT_A_TIME, seconds);
}

async function modern({ url, headers }: Endpoint, seconds: number) {
  const prefix = 'io.modelcontextprotocol/';
  const call = echoCall(1);
  const _meta = {
    [`${prefix}protocolVersion`]: MODERN,
    [`${prefix}clientInfo`]: { name: 'benchmark', version: '1' },
    [`${prefix}clientCapabilities`]: {},
  };
  const body = JSON.stringify({ ...call, params: { ...call.params, _meta } });
  const all = {
    ...headers,
    'mcp-protocol-version': MODERN,
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  };
  return callsPerSecond(url, all, body, TEXT, AT_A_TIME, seconds);
}

async function webSocket({ url, headers }: Endpoint, seconds: number) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`, 'mcp', {
    headers,
    perMessageDeflate: false,
  });
  const next = () =>
    new Promise<string>((resolve, reject) => {
      socket.once('message', data => resolve(String(data)));
      socket.once('error', reject);
    });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(JSON.stringify(initialize));
  await next();
  socket.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const call = JSON.stringify(echoCall(1));
  let count = 0;
  const begin = performance.now();
  await new Promise<void>((resolve, reject) => {
    socket.on('message', data => {
      if (!String(data).includes(TEXT)) reject(new Error(`wrong: ${data}`));
      count++;
      if (performance.now() - begin < seconds * 1000) socket.send(call);
      else resolve();
    });
    for (let i = 0; i < AT_A_TIME; i++) socket.send(call);
  });
  socket.terminate();
  return count / ((performance.now() - begin) / 1000);
}

async function measured(
  name: string,
  contestant: Contestant,
  work: (server: Running) => Promise<number>,
): Promise<Way> {
  const server = await run(contestant, PORT);
  try {
    await work(server).catch(() => {}); // warm; a server that cannot be called fails in the next line too
    const perSecond = await work(server);
    process.stderr.write(`${name}: ${Math.round(perSecond)} calls/s\n`);
    return { name, perSecond };
  } finally {
    await server.stop();
  }
}

/** The ways into the bridge, one after the other, with the same small client; the first is what the others are compared with. */
export async function measureWays(seconds: number): Promise<Way[]> {
  const one = bridge('', '');
  const modernServer = bridge('', '', {
    command: [process.execPath, echoServer, '--modern'],
  });
  return [
    await measured('Streamable HTTP, one session', one, server =>
      legacy(server, server, seconds),
    ),
    await measured('WebSocket, one connection', one, server =>
      webSocket(server, seconds),
    ),
    await measured('2026-07-28, a server of that revision', modernServer, at =>
      modern(at, seconds),
    ),
    await measured(
      '2026-07-28, translated for a server with sessions',
      one,
      at => modern(at, seconds),
    ),
    await measured('a session reached through another replica', replicas, at =>
      legacy(
        { ...at, url: at.url.replace('127.0.0.1', '127.0.0.2') },
        at,
        seconds,
      ),
    ),
  ];
}
