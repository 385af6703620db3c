import {
  Client,
  fromJsonSchema,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { Bridge } from '../bridge';
import { eraCommand, httpServer, startBridge } from '../__testUtils__/bridge';
import { waitFor } from '../__testUtils__/wait';

const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';
const anything = fromJsonSchema<Record<string, unknown>>({ type: 'object' });
const CHANGES = [
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
] as const;

type Era = 'legacy' | 'modern';

async function connect(port: number, era: Era): Promise<Client> {
  const client = new Client(
    { name: 'matrix', version: '1' },
    {
      capabilities: {
        sampling: {},
        elicitation: { form: {}, url: {} },
        roots: {},
      },
      versionNegotiation: {
        mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' },
      },
    },
  );
  client.setRequestHandler('sampling/createMessage', ({ params }) => ({
    model: 'none',
    role: 'assistant' as const,
    content: {
      type: 'text' as const,
      text: `sampled ${JSON.stringify(params.messages[0].content)}`,
    },
  }));
  client.setRequestHandler('elicitation/create', ({ params }) =>
    params.mode === 'url'
      ? { action: 'accept' as const }
      : { action: 'accept' as const, content: { name: params.message } },
  );
  client.setRequestHandler('roots/list', () => ({
    roots: [{ uri: 'file:///home', name: 'home' }],
  }));
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`http://localhost:${port}/mcp`)),
  );
  return client;
}

/*
 * Every feature in every combination of what a client and what a server speak,
 * with clients and servers of the SDK.
 */
// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

interface Combination {
  client: Era;
  server: Era;
  isolation: 'session' | 'shared';
  /** What the server speaks. */
  over?: 'http';
}

describe.each<Combination>([
  { client: 'legacy', server: 'legacy', isolation: 'session' },
  { client: 'legacy', server: 'legacy', isolation: 'shared' },
  { client: 'modern', server: 'modern', isolation: 'session' },
  { client: 'modern', server: 'legacy', isolation: 'session' },
  { client: 'modern', server: 'legacy', isolation: 'shared' },
  { client: 'legacy', server: 'modern', isolation: 'session' },
  { client: 'legacy', server: 'modern', isolation: 'shared' },
  { client: 'legacy', server: 'legacy', isolation: 'session', over: 'http' },
  { client: 'legacy', server: 'legacy', isolation: 'shared', over: 'http' },
  { client: 'modern', server: 'modern', isolation: 'session', over: 'http' },
  { client: 'modern', server: 'legacy', isolation: 'session', over: 'http' },
  { client: 'legacy', server: 'modern', isolation: 'session', over: 'http' },
])('a $client client of a $server server ($isolation, $over)', combination => {
  let bridge: Bridge;
  let client: Client;

  beforeAll(async () => {
    const server =
      combination.over === 'http'
        ? await httpServer()
        : { command: eraCommand };
    bridge = await startBridge({
      ...server,
      era: combination.server,
      isolation: combination.isolation,
    });
    client = await connect(bridge.port, combination.client);
  });
  afterAll(async () => {
    await client.close();
    await bridge.stop();
  });

  const call = async (
    name: string,
    args: Record<string, unknown> = {},
    _meta: Record<string, unknown> = {},
  ) => {
    const { content, isError } = await client.callTool({
      name,
      arguments: args,
      _meta,
    });
    const [first] = content;
    return { text: first.type === 'text' ? first.text : '', isError };
  };

  it('knows the server', () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'eras' });
    expect(client.getServerCapabilities()).toMatchObject({
      tools: {},
      prompts: {},
      resources: {},
    });
    expect(client.getInstructions()).toMatch(/^pid \d+$/);
  });

  it('lists and calls tools', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    const value = '"quoted" \u2028 💡';
    expect(await call('echo', { value })).toMatchObject({ text: value });
  });

  it('tells the failure of a tool', async () => {
    expect(await call('fail')).toMatchObject({
      text: expect.stringContaining('it was told to fail'),
      isError: true,
    });
  });

  it('brings progress', async () => {
    const steps: number[] = [];
    await client.callTool(
      { name: 'progress', arguments: { steps: 3 } },
      { onprogress: ({ progress }) => steps.push(progress) },
    );
    expect(steps).toEqual([1, 2, 3]);
  });

  it('brings log messages to who wants them', async () => {
    const logs: unknown[] = [];
    client.setNotificationHandler('notifications/message', ({ params }) => {
      logs.push(params.data);
    });
    if (combination.client === 'legacy') await client.setLoggingLevel('debug');
    await call('log', { value: 'wanted' }, { [LOG_LEVEL]: 'info' });
    await waitFor(() => logs.length > 0);
    expect(logs).toEqual(['wanted']);
    if (combination.client === 'legacy')
      await client.setLoggingLevel('emergency');
    await call(
      'log',
      { value: 'unwanted' },
      combination.client === 'modern' ? { [LOG_LEVEL]: 'emergency' } : {},
    );
    expect(logs).toEqual(['wanted']);
  });

  it('cancels', async () => {
    const { stderr } = bridge.supervisor.journal;
    const abort = new AbortController();
    const waiting = client.callTool(
      { name: 'wait', arguments: {} },
      { signal: abort.signal },
    );
    waiting.catch(() => {});
    await waitFor(() => stderr.includes('waiting'));
    abort.abort();
    await expect(waiting).rejects.toThrow();
    await waitFor(() => stderr.includes('aborted'));
  });

  it('asks the model of the client', async () => {
    const { text } = await call('ask', { kinds: ['sample'], message: 'Hi' });
    expect(text).toContain('sampled');
    expect(text).toContain('Hi');
  });

  it('asks the person at the client, by a form and by a link', async () => {
    const form = await call('ask', { kinds: ['form'], message: 'Ann' });
    expect(JSON.parse(form.text)).toMatchObject([
      { kind: 'elicit', action: 'accept', content: { name: 'Ann' } },
    ]);
    const url = await call('ask', { kinds: ['url'] });
    expect(JSON.parse(url.text)).toMatchObject([
      { kind: 'elicit', action: 'accept' },
    ]);
  });

  it('asks for roots, and for several things at once', async () => {
    const { text } = await call('ask', { kinds: ['roots', 'form', 'sample'] });
    expect(JSON.parse(text)).toMatchObject([
      { kind: 'roots', roots: [{ uri: 'file:///home' }] },
      { kind: 'elicit', action: 'accept' },
      { kind: 'sampling' },
    ]);
  });

  it('lists and reads resources', async () => {
    const { resources } = await client.listResources();
    expect(resources).toMatchObject([{ uri: 'test://one' }]);
    const { contents } = await client.readResource({ uri: 'test://one' });
    expect(contents).toMatchObject([{ text: 'one' }]);
    await expect(
      client.readResource({ uri: 'test://none' }),
    ).rejects.toMatchObject({ message: expect.stringContaining('none') });
  });

  it('gets prompts and completions', async () => {
    const { messages } = await client.getPrompt({
      name: 'greet',
      arguments: { name: 'Ann' },
    });
    expect(messages).toMatchObject([{ content: { text: 'Hello Ann' } }]);
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'name', value: 'par' },
    });
    expect(completion.values).toEqual(['paris']);
  });

  it('hears what changes, and of resources only those that it wants', async () => {
    const heard: string[] = [];
    for (const method of CHANGES)
      client.setNotificationHandler(method, () => {
        heard.push(method);
      });
    client.setNotificationHandler(
      'notifications/resources/updated',
      ({ params }) => {
        heard.push(params.uri);
      },
    );
    const uri = 'test://one';
    const subscription =
      combination.client === 'modern'
        ? await client.listen({
            toolsListChanged: true,
            promptsListChanged: true,
            resourcesListChanged: true,
            resourceSubscriptions: [uri],
          })
        : await client.subscribeResource({ uri }).then(() => undefined);
    await waitFor(async () => {
      await call('change');
      await call('touch', { uri });
      return [...CHANGES, uri].every(one => heard.includes(one));
    });
    await call('touch', { uri: 'test://other' });
    await call('echo', { value: 'a moment later' });
    expect(heard).not.toContain('test://other');
    if (subscription) await subscription.close();
    else await client.unsubscribeResource({ uri });
  });

  it('passes methods on that nobody knows', async () => {
    const answer = await client.request(
      { method: 'x/echo', params: { value: 'x' } },
      anything,
    );
    expect(answer).toMatchObject({ said: 'x' });
  });

  it('says so when there is no such method', async () => {
    await expect(
      client.request({ method: 'x/none', params: {} }, anything),
    ).rejects.toThrow(/method not found/i);
  });

  it('passes notifications on that nobody knows', async () => {
    await client.notification({
      method: 'notifications/x',
      params: { value: 'n' },
    });
    const { stderr } = bridge.supervisor.journal;
    await waitFor(() => stderr.includes('notified n'));
    expect(stderr.filter(line => line === 'notified n')).toHaveLength(1);
  });
});
