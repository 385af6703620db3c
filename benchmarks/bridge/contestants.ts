import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { treeMemory } from './memory.ts';
import type { Endpoint } from './session.ts';

const here = import.meta.dirname;
export const echoServer = join(here, 'echoServer.mjs');
const agentBuild = join(here, '../../bridge-image/agent/build.ts');
const bridgeBin = join(here, '../../packages/bridge/dist/mcp-bridge.mjs');

/** Those we compare with, in the versions that were current when the table was made. */
export const peers = { 'mcp-proxy': '6.7.19', supergateway: '4.0.0' } as const;

/** Something that serves the echo server over HTTP. */
export interface Contestant {
  name: string;
  /** What is particular about it, for the table. */
  note: string;
  /** Sessions share one child, or every call starts one: no memory for 50 sessions is measured. */
  start(port: number): { args: string[]; endpoint: Endpoint };
}

/** A contestant that runs. */
export interface Running extends Endpoint {
  /** Bytes of memory of the process and all that it started. */
  memory(): number;
  stop(): Promise<void>;
}

const peersDir = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'mcp-cloud',
  'benchmark-peers',
  Object.entries(peers)
    .map(([name, version]) => `${name}-${version}`)
    .join('_'),
);

/** Installs the peers beside the checkout: nothing of ours depends on them. */
export function installPeers(): void {
  if (existsSync(join(peersDir, 'node_modules', 'supergateway'))) return;
  mkdirSync(peersDir, { recursive: true });
  writeFileSync(join(peersDir, 'package.json'), '{"private":true}\n');
  const wanted = Object.entries(peers).map(([name, v]) => `${name}@${v}`);
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted],
    { cwd: peersDir, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`npm install: ${stderr.slice(-2000)}`);
}

const peerBin = (name: string) => join(peersDir, 'node_modules', '.bin', name);
const local = (port: number): Endpoint => ({
  url: `http://127.0.0.1:${port}/mcp`,
  headers: {},
});

const AUDIENCE = 'benchmark';

/** A key pair as the portal has one, and a token for an hour. */
function portalToken() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const encode = (part: object) =>
    Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = [
    { alg: 'EdDSA', kid: 'one' },
    {
      iss: 'mcp-cloud',
      aud: AUDIENCE,
      sub: 'user:default/benchmark',
      iat: now,
      exp: now + 3600,
    },
  ]
    .map(encode)
    .join('.');
  const signature = sign(null, Buffer.from(signed), privateKey);
  return {
    key: { kty: 'OKP', crv: 'Ed25519', kid: 'one', x },
    token: `${signed}.${signature.toString('base64url')}`,
  };
}

/** The bridge as it runs on a cluster: tokens, Host checks, metrics and limits are on. */
export function bridge(
  name: string,
  note: string,
  config: object = {},
): Contestant {
  return {
    name,
    note,
    start(port) {
      const { key, token } = portalToken();
      const file = join(peersDir, `bridge-${port}.yaml`);
      writeFileSync(
        file,
        JSON.stringify({
          port,
          adminPort: port + 1,
          auth: { mode: 'platform', audience: AUDIENCE, keys: [key] },
          logLevel: 'warn',
          command: [process.execPath, echoServer],
          ...config,
        }),
      );
      const { url } = local(port);
      return {
        args: [process.execPath, bridgeBin, '--config', file],
        endpoint: { url, headers: { authorization: `Bearer ${token}` } },
      };
    },
  };
}

/** Two replicas that know each other, on two addresses of the loopback interface; the endpoint is the first's. */
export const replicas: Contestant = {
  name: '',
  note: '',
  start(port) {
    const secret = join(peersDir, 'secret');
    writeFileSync(secret, randomBytes(32).toString('base64'));
    const { args, endpoint } = bridge('', '', {
      peers: { port: port + 2, addresses: ['127.0.0.1', '127.0.0.2'] },
      secretFile: secret,
    }).start(port);
    const at = (address: string) =>
      `"$@" --host ${address} --admin-host ${address} --pod-ip ${address} --pod-uid ${address}`;
    const both = `${at('127.0.0.2')} & exec ${at('127.0.0.1')}`;
    return { args: ['sh', '-c', both, 'sh', ...args], endpoint };
  },
};

/** The same with the children at an agent, as beside an unmodified image. */
function withAgent(name: string, note: string): Contestant {
  const socket = join(peersDir, 'agent.sock');
  const beside = bridge(name, note, { agent: socket });
  return {
    ...beside,
    start(port) {
      const { args, endpoint } = beside.start(port);
      const agent = spawnSync(process.execPath, [agentBuild], {
        encoding: 'utf8',
      }).stdout.trim();
      const uid = String(process.getuid?.());
      const both = '"$0" --socket "$1" --uid "$2" & shift 2; exec "$@"';
      return {
        args: ['sh', '-c', both, agent, socket, uid, ...args],
        endpoint,
      };
    },
  };
}

export const bareHttp: Contestant = {
  name: 'bare node:http',
  note: 'no child at all: the limit',
  start: port => ({
    args: [process.execPath, join(here, 'bareHttp.mjs'), String(port)],
    endpoint: local(port),
  }),
};

export const ours: Contestant[] = [
  bridge('mcp-bridge', 'a child per session, token checked'),
  withAgent('mcp-bridge, agent', 'the same, children in another container'),
];

export const theirs: Contestant[] = [
  {
    name: `mcp-proxy ${peers['mcp-proxy']}`,
    note: 'one child for all',
    start: port => ({
      args: [
        process.execPath,
        peerBin('mcp-proxy'),
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--server',
        'stream',
        '--',
        process.execPath,
        echoServer,
      ],
      endpoint: local(port),
    }),
  },
  {
    name: `supergateway ${peers.supergateway}`,
    note: 'a child per session (--stateful)',
    start: port => ({
      args: [
        process.execPath,
        peerBin('supergateway'),
        '--stdio',
        `${process.execPath} ${echoServer}`,
        '--outputTransport',
        'streamableHttp',
        '--stateful',
        '--logLevel',
        'none',
        '--port',
        String(port),
      ],
      endpoint: local(port),
    }),
  },
];

/** Starts a contestant in a process group of its own, and waits until its port answers. */
export async function run(
  contestant: Contestant,
  port: number,
): Promise<Running> {
  const { args, endpoint } = contestant.start(port);
  const [command, ...rest] = args;
  const child = spawn(command, rest, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', data => {
    said = (said + data).slice(-2000);
  });
  const exit = new Promise<void>(resolve =>
    child.once('exit', () => resolve()),
  );
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
    }
    await exit;
  };
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answered = await fetch(endpoint.url, { method: 'OPTIONS' }).then(
      () => true,
      () => false,
    );
    if (answered) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${contestant.name} does not listen: ${said}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return { ...endpoint, memory: () => treeMemory(child.pid ?? 0), stop };
}
