// A server on the SDK that speaks either kind of revision, with something of everything: over stdio,
// or over HTTP when it is given a port.
import {
  fromJsonSchema,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { serveHttp } from '../../conformance/fixture/serveHttp.ts';

const text = value => ({
  content: [
    {
      type: 'text',
      text: typeof value === 'string' ? value : JSON.stringify(value),
    },
  ],
});
const anything = fromJsonSchema({ type: 'object' });
const REQUESTS = {
  form: message =>
    inputRequired.elicit({
      message,
      requestedSchema: {
        type: 'object',
        properties: { name: { type: 'string' } },
      },
    }),
  url: message =>
    inputRequired.elicitUrl({ message, url: 'https://example.com/' }),
  sample: message =>
    inputRequired.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: message } }],
      maxTokens: 1,
    }),
  roots: () => inputRequired.listRoots(),
};

function create({ era, notify }) {
  const server = new McpServer(
    { name: 'eras', version: '1.0.0' },
    {
      capabilities: { logging: {}, completions: {} },
      instructions: `pid ${process.pid}`,
    },
  );
  const wanted = new Set();
  const tool = (name, work) =>
    server.registerTool(name, { inputSchema: anything }, work);

  tool('echo', ({ value }) => text(value));
  tool('pid', () => text(String(process.pid)));
  tool('fail', () => {
    throw new Error('it was told to fail');
  });
  tool('exit', ({ code }) => process.exit(code));
  tool('progress', async ({ steps }, { mcpReq }) => {
    const { progressToken } = mcpReq._meta ?? {};
    for (let progress = 1; progress <= steps; progress++) {
      const params = { progressToken, progress, total: steps };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    return text('progressed');
  });
  tool('log', async ({ value, ms = 0 }, { mcpReq }) => {
    await mcpReq.log('warning', value);
    await new Promise(resolve => setTimeout(resolve, ms));
    return text('logged');
  });
  tool('wait', async (_, { mcpReq }) => {
    console.error('waiting');
    const { progressToken } = mcpReq._meta ?? {};
    const params = { progressToken, progress: 1 };
    if (progressToken !== undefined)
      await mcpReq.notify({ method: 'notifications/progress', params });
    await new Promise(resolve =>
      mcpReq.signal.addEventListener('abort', resolve),
    );
    console.error('aborted');
    return text('aborted');
  });
  tool('ask', ({ kinds, message = 'please' }, { mcpReq }) => {
    const answers = kinds.map(kind =>
      inputResponse(mcpReq.inputResponses, kind),
    );
    if (answers.some(({ kind }) => kind === 'missing'))
      return inputRequired({
        inputRequests: Object.fromEntries(
          kinds.map(kind => [kind, REQUESTS[kind](message)]),
        ),
      });
    return text(answers);
  });
  tool('change', () => {
    notify?.toolsChanged();
    notify?.promptsChanged();
    notify?.resourcesChanged();
    server.sendToolListChanged();
    server.sendPromptListChanged();
    server.sendResourceListChanged();
    return text('changed');
  });
  tool('touch', async ({ uri }) => {
    notify?.resourceUpdated(uri);
    // In a session only what was subscribed to; else the SDK sees to it.
    if (era === 'modern' || wanted.has(uri))
      await server.server.sendResourceUpdated({ uri });
    return text('touched');
  });
  server.registerTool(
    'where',
    {
      inputSchema: fromJsonSchema({
        type: 'object',
        properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      }),
    },
    ({ region }) => text(region),
  );

  server.server.registerCapabilities({ resources: { subscribe: true } });
  server.server.setRequestHandler('resources/subscribe', ({ params }) => {
    wanted.add(params.uri);
    console.error(`subscribed ${params.uri}`);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    wanted.delete(params.uri);
    console.error(`unsubscribed ${params.uri}`);
    return {};
  });
  server.registerResource('one', 'test://one', {}, uri => {
    if (uri.href !== 'test://one') throw new ResourceNotFoundError(uri.href);
    return { contents: [{ uri: uri.href, text: 'one' }] };
  });
  server.registerPrompt(
    'greet',
    {
      argsSchema: fromJsonSchema({
        type: 'object',
        properties: { name: { type: 'string' } },
      }),
    },
    ({ name }) => ({
      messages: [
        { role: 'user', content: { type: 'text', text: `Hello ${name}` } },
      ],
    }),
  );
  server.server.setRequestHandler('completion/complete', ({ params }) => ({
    completion: {
      values: [`${params.argument.value}is`],
      total: 1,
      hasMore: false,
    },
  }));
  server.server.setRequestHandler('x/echo', { params: anything }, params => ({
    said: params.value,
  }));
  server.server.setNotificationHandler(
    'notifications/x',
    { params: anything },
    ({ value }) => console.error(`notified ${value}`),
  );
  return server;
}

const [port] = process.argv.slice(2);
if (port !== undefined) serveHttp(create, Number(port));
else serveStdio(create, { onerror: error => console.error(String(error)) });
