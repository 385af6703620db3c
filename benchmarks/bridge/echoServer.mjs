// A stdio MCP server that costs next to nothing itself, so that what is measured is what stands in front of it.
import { createInterface } from 'node:readline';

const tools = [
  {
    name: 'echo',
    description: 'Says what it is told',
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string' } },
    },
  },
];

const capabilities = { tools: {} };
const serverInfo = { name: 'echo', version: '1.0.0' };

/** With `--modern` it is a server of 2026-07-28, which begins otherwise and marks its results. */
const isModern = process.argv.includes('--modern');
const complete = isModern ? { resultType: 'complete' } : {};
const begin = isModern
  ? {
      'server/discover': () => ({
        supportedVersions: ['2026-07-28'],
        capabilities,
        serverInfo,
        ...complete,
      }),
    }
  : {
      initialize: ({ protocolVersion }) => ({
        protocolVersion,
        capabilities,
        serverInfo,
      }),
    };

const answers = {
  ...begin,
  ping: () => ({}),
  'tools/list': () => ({ tools, ...complete }),
  'tools/call': ({ arguments: { text = '' } = {} }) => ({
    content: [{ type: 'text', text }],
    ...complete,
  }),
};

const write = message =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

createInterface({ input: process.stdin }).on('line', line => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined || method === undefined) return;
  const answer = answers[method];
  if (answer) write({ id, result: answer(params ?? {}) });
  else write({ id, error: { code: -32601, message: 'Method not found' } });
});
