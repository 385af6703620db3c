// A stdio MCP server for drills, handed to `node -e` so that any image with the bridge can run it. It says when it
// sent what it sends, and is as slow as its environment wants.
const say = message =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const sleep = ms => new Promise(done => setTimeout(done, ms));
const delay = name => sleep(Number(process.env[name] ?? 0));
const text = value => ({ content: [{ type: 'text', text: String(value) }] });
const object = { type: 'object' };
let called = 0;

const tools = {
  // The clock here, and how often this process was called: a session that goes on counts on.
  now: async () => text(JSON.stringify({ at: Date.now(), called })),
  // Progress every 200 ms; each message is the time at which it was sent.
  ticks: async ({ count }, progressToken) => {
    for (let progress = 1; progress <= count; progress++) {
      await sleep(200);
      const params = { progressToken, progress, message: `${Date.now()}` };
      say({ method: 'notifications/progress', params });
    }
    return text(count);
  },
  // The same on stderr, which is the log.
  lines: async ({ count }) => {
    for (let line = 1; line <= count; line++) {
      await sleep(200);
      process.stderr.write(`drill line ${line} at ${Date.now()}\n`);
    }
    return text(count);
  },
};

const methods = {
  initialize: async ({ protocolVersion }) => {
    await delay('START_DELAY_MS');
    const serverInfo = { name: 'drill', version: process.env.VERSION ?? '1' };
    return { protocolVersion, capabilities: { tools: {} }, serverInfo };
  },
  'tools/list': async () => {
    await delay('LIST_DELAY_MS');
    const named = name => ({ name, inputSchema: object });
    return { tools: Object.keys(tools).map(named) };
  },
  'tools/call': async ({ name, arguments: input, _meta }) => {
    called += 1;
    return tools[name](input ?? {}, _meta?.progressToken);
  },
  ping: async () => ({}),
};

let rest = '';
process.stdin.setEncoding('utf8').on('data', async chunk => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines.filter(Boolean)) {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined && methods[method]) {
      methods[method](params ?? {}).then(result => say({ id, result }));
    }
  }
});
process.stderr.write('drill server is listening\n');
