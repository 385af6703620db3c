// A stdio server that speaks both kinds of revisions, and writes into everything whose it is.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const META = 'io.modelcontextprotocol/';
const MODERN = '2026-07-28';
const INFO = { name: 'work', version: '1.0.0' };

const send = message =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const notify = (method, params) => send({ method, params });
const text = value => ({ content: [{ type: 'text', text: value }] });

const waiting = new Map();
let nextQuestion = 1;

const question = marker => ({
  messages: [{ role: 'user', content: { type: 'text', text: marker } }],
  maxTokens: 1,
});

const ask = marker =>
  new Promise(resolve => {
    const id = nextQuestion++;
    waiting.set(id, resolve);
    send({ id, method: 'sampling/createMessage', params: question(marker) });
  });

const tools = {
  /** Progress, a log message, a question if it is to ask, progress, and a result. */
  async work({ marker, asks }, { _meta = {}, inputResponses, requestState }) {
    const progress = step => {
      if (_meta.progressToken === undefined) return;
      const { progressToken } = _meta;
      notify('notifications/progress', {
        progressToken,
        progress: step,
        message: marker,
      });
    };
    const modern = _meta[`${META}protocolVersion`] === MODERN;
    if (inputResponses === undefined) {
      progress(1);
      if (!modern || _meta[`${META}logLevel`] !== undefined)
        notify('notifications/message', { level: 'info', data: marker });
      await sleep(Math.random() * 5);
    }
    let answer = { content: { text: 'not asked' } };
    if (asks && !modern) answer = await ask(marker);
    else if (asks && inputResponses === undefined)
      return {
        resultType: 'input_required',
        inputRequests: {
          question: {
            method: 'sampling/createMessage',
            params: question(marker),
          },
        },
        requestState: marker,
      };
    else if (asks) {
      answer = inputResponses.question;
      if (requestState !== marker) return text('of another call');
    }
    progress(2);
    return text(`${marker}|${answer?.content?.text}`);
  },
  echo: ({ value }) => text(value),
  giant: ({ bytes }) => text('x'.repeat(bytes)),
  /** Raw bytes on stdout, between two messages. */
  noise({ base64 }) {
    process.stdout.write(Buffer.from(base64, 'base64'));
    process.stdout.write('\n');
    return text('after the noise');
  },
  /** One line of so many bytes that is no message, written piece by piece. */
  async line({ bytes, piece }) {
    const data = Buffer.alloc(piece, 0x78);
    for (let left = bytes; left > 0; left -= piece)
      if (!process.stdout.write(data))
        await new Promise(resolve => process.stdout.once('drain', resolve));
    process.stdout.write('\n');
    return text('after the line');
  },
  async flood({ count, bytes }) {
    const data = 'x'.repeat(bytes);
    for (let i = 0; i < count; i++) {
      notify('notifications/message', { level: 'info', data });
      if (process.stdout.writableNeedDrain)
        await new Promise(resolve => process.stdout.once('drain', resolve));
    }
    return text('flooded');
  },
  exit: ({ code }) => process.exit(code),
};

const capabilities = { tools: {}, logging: {} };
const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities,
    serverInfo: INFO,
  }),
  'server/discover': () => ({
    supportedVersions: [MODERN],
    capabilities,
    _meta: { [`${META}serverInfo`]: INFO },
  }),
  'tools/list': () => ({
    tools: Object.keys(tools).map(name => ({
      name,
      inputSchema: { type: 'object' },
    })),
  }),
  'tools/call': params => tools[params.name]?.(params.arguments ?? {}, params),
  ping: () => ({}),
  'logging/setLevel': () => ({}),
};

async function serve({ id, method, params = {} }) {
  const result = Object.hasOwn(methods, method)
    ? await methods[method](params)
    : undefined;
  if (result === undefined) {
    send({ id, error: { code: -32601, message: 'Method not found' } });
    return;
  }
  const modern = params._meta?.[`${META}protocolVersion`] === MODERN;
  const rest = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  send({ id, result: modern ? { ...rest, ...result } : result });
}

createInterface({ input: process.stdin }).on('line', line => {
  const message = JSON.parse(line);
  if (message.method === undefined) {
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  } else if (message.id !== undefined) void serve(message);
});
