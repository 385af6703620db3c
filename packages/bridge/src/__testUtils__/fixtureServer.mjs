// A stdio server that does on demand whatever the bridge must bear.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

if (process.env.FIXTURE_EXIT) {
  console.error('the fixture was told to fail');
  process.exit(Number(process.env.FIXTURE_EXIT));
}
if (process.env.FIXTURE_STUBBORN) process.on('SIGTERM', () => {});

const send = message => process.stdout.write(`${JSON.stringify(message)}\n`);
const input = createInterface({ input: process.stdin });
const seen = [];
const waiting = new Map();
let nextRequest = 1;

const tools = {
  echo: ({ text }, ok) => ok(text),
  env: ({ name }, ok) => ok(String(process.env[name])),
  pid: (_, ok) => ok(String(process.pid)),
  seen: (_, ok) => ok(JSON.stringify(seen)),
  slow: ({ ms }, ok) => setTimeout(() => ok('slow'), ms),
  never: () => {},
  exit: ({ code }) => {
    console.error('going down');
    process.exit(code);
  },
  giant: ({ bytes }, ok) => ok('x'.repeat(bytes)),
  noise: (_, ok) => {
    process.stdout.write('this is no message\n{"half": \n[1,2]\n\n');
    ok('after the noise');
  },
  log: ({ text, ms = 0 }, ok) => {
    send({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', data: text },
    });
    setTimeout(() => ok('logged'), ms);
  },
  stderr: ({ text }, ok) => {
    console.error(text);
    ok('said');
  },
  async progress({ steps, ms }, ok, params) {
    for (let progress = 1; progress <= steps; progress++) {
      await new Promise(resolve => setTimeout(resolve, ms));
      const { progressToken } = params._meta ?? {};
      send({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, progress, total: steps },
      });
    }
    ok('progressed');
  },
  sample: (_, ok) => {
    const id = nextRequest++;
    waiting.set(id, ok);
    send({
      jsonrpc: '2.0',
      id,
      method: 'sampling/createMessage',
      params: { messages: [], maxTokens: 1 },
    });
  },
  // Reads nothing for a while.
  deaf: ({ ms }, ok) => {
    input.pause();
    setTimeout(() => input.resume(), ms);
    ok('deaf');
  },
  grandchild: (_, ok) => {
    const child = spawn(
      process.execPath,
      ['-e', 'setInterval(() => {}, 1000)'],
      { stdio: 'ignore' },
    );
    ok(String(child.pid));
  },
  flood: ({ count, bytes }, ok) => {
    const data = 'x'.repeat(bytes);
    for (let i = 0; i < count; i++)
      send({
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { level: 'info', data },
      });
    ok('flooded');
  },
  // Arguments come back as the bridge wrote them, digits and all.
  raw: (_, ok, _params, line) => ok(line),
};

input.on('line', line => {
  const message = JSON.parse(line);
  seen.push({ method: message.method, id: message.id, params: message.params });
  if (message.method === undefined) {
    waiting.get(message.id)?.(JSON.stringify(message.result));
    return;
  }
  if (message.id === undefined) return;
  const answer = result => send({ jsonrpc: '2.0', id: message.id, result });
  if (message.method === 'initialize') {
    answer({
      protocolVersion: message.params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'fixture', version: '1.0.0' },
      instructions: `pid ${process.pid}`,
    });
  } else if (message.method === 'tools/list') {
    const inputSchema = { type: 'object' };
    answer({ tools: Object.keys(tools).map(name => ({ name, inputSchema })) });
  } else if (message.method === 'tools/call') {
    const { name, arguments: args = {} } = message.params;
    tools[name](
      args,
      text => answer({ content: [{ type: 'text', text }] }),
      message.params,
      line,
    );
  } else answer({});
});
