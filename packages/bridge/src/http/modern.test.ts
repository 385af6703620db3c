import type { Bridge } from '../bridge';
import { eraCommand, startBridge } from '../__testUtils__/bridge';
import { send, textOf } from '../__testUtils__/client';
import { ModernClient } from '../__testUtils__/modernClient';
import { waitFor } from '../__testUtils__/wait';

// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

describe('Streamable HTTP of 2026-07-28', () => {
  let bridge: Bridge;
  let client: ModernClient;

  beforeAll(async () => {
    bridge = await startBridge({ command: eraCommand, era: 'modern' });
    client = new ModernClient(bridge.port);
  });
  afterAll(() => bridge.stop());

  it('answers without a session, whoever asks, from one process', async () => {
    const [one, other] = await Promise.all([
      client.call('pid', {}, { id: 'a' }),
      new ModernClient(bridge.port).call('pid', {}, { id: 'b' }),
    ]);
    expect([one.status, one.messages[0].id]).toEqual([200, 'a']);
    expect(textOf(one)).toBe(textOf(other));
    expect(one.headers['mcp-session-id']).toBeUndefined();
  });

  it.each([
    ['another method', { 'mcp-method': 'tools/list' }, -32020],
    ['no method', { 'mcp-method': undefined }, -32020],
    ['another name', { 'mcp-name': 'other' }, -32020],
    ['no name', { 'mcp-name': undefined }, -32020],
    ['a name in bad base64', { 'mcp-name': '=?base64?!?=' }, -32020],
    ['another version', { 'mcp-protocol-version': '2025-11-25' }, -32020],
    ['no version', { 'mcp-protocol-version': undefined }, -32020],
  ])('refuses %s in the headers', async (_, headers, code) => {
    const answer = await client.call('pid', {}, { id: 'x', headers });
    expect(answer.status).toBe(400);
    expect(answer.messages[0]).toMatchObject({ id: 'x', error: { code } });
  });

  it('takes names in base64, and headers in any case', async () => {
    const name = `=?base64?${Buffer.from('pid').toString('base64')}?=`;
    const headers = { 'mcp-name': name, 'mcp-method': ' tools/call ' };
    expect((await client.call('pid', {}, { headers })).status).toBe(200);
  });

  it.each([
    ['argument without header', {}, 400],
    ['header that says something else', { 'mcp-param-region': 'us' }, 400],
    ['same header', { 'mcp-param-region': 'eu' }, 200],
    ['same header in base64', { 'mcp-param-region': '=?base64?ZXU=?=' }, 200],
  ])(
    'checks arguments that are headers too: %s',
    async (_, headers, status) => {
      const answer = await client.call('where', { region: 'eu' }, { headers });
      expect(answer.status).toBe(status);
    },
  );

  it('says what a request lacks', async () => {
    const headers = {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    };
    const body = '{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{}}';
    const answer = await send(bridge.port, { headers, body });
    expect(answer.status).toBe(400);
    expect(answer.messages[0]).toMatchObject({
      id: 7,
      error: { code: -32602 },
    });
  });

  it.each(['ping', 'x/none', 'logging/setLevel'])(
    'answers 404 to %s, which does not exist',
    async method => {
      const answer = await client.request(method);
      expect(answer.status).toBe(404);
      expect(answer.messages[0].error?.code).toBe(-32601);
    },
  );

  it('has no GET and no DELETE', async () => {
    const headers = { 'mcp-protocol-version': '2026-07-28' };
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(bridge.port, { method, headers });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    }
  });

  it('ignores a session id', async () => {
    const headers = { 'mcp-session-id': 'left over' };
    expect((await client.call('pid', {}, { headers })).status).toBe(200);
  });

  it('cancels when the client leaves', async () => {
    const { stderr } = bridge.supervisor.journal;
    const stream = await client.start(
      'tools/call',
      { name: 'wait' },
      { token: 't' },
    );
    await waitFor(() => stream.messages.length === 1);
    expect(bridge.pendingCount).toBe(1);
    stream.abandon();
    await waitFor(() => stderr.includes('aborted'));
    expect(bridge.pendingCount).toBe(0);
  });

  it('keeps streams of subscriptions apart', async () => {
    const listen = (id: string, wanted: object) =>
      client.start('subscriptions/listen', { notifications: wanted }, { id });
    const tools = await listen('tools', { toolsListChanged: true });
    const prompts = await listen('prompts', { promptsListChanged: true });
    await waitFor(
      () => tools.messages.length === 1 && prompts.messages.length === 1,
    );
    await client.call('change');
    await waitFor(
      () => tools.messages.length === 2 && prompts.messages.length === 2,
    );
    const of = ({ messages }: typeof tools) =>
      messages.map(({ method, params }) => [
        method,
        (params?._meta as Record<string, unknown>)[
          'io.modelcontextprotocol/subscriptionId'
        ],
      ]);
    expect(of(tools)).toEqual([
      ['notifications/subscriptions/acknowledged', 'tools'],
      ['notifications/tools/list_changed', 'tools'],
    ]);
    expect(of(prompts)).toEqual([
      ['notifications/subscriptions/acknowledged', 'prompts'],
      ['notifications/prompts/list_changed', 'prompts'],
    ]);
    tools.abandon();
    prompts.abandon();
  });

  it('brings log messages to nobody rather than to the wrong call', async () => {
    const streams = await Promise.all(
      ['a', 'b'].map(value =>
        client.call(
          'log',
          { value, ms: 200 },
          { id: value, logLevel: 'debug' },
        ),
      ),
    );
    for (const [at, { messages }] of streams.entries()) {
      const logs = messages.filter(({ method }) => method !== undefined);
      expect(logs.map(({ params }) => params?.data)).not.toContain(
        at === 0 ? 'b' : 'a',
      );
    }
  });

  it('gives every call its own progress and answer, whatever ids are in use', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        client.call(
          'progress',
          { steps: 3 },
          { id: 'same', token: at % 2 ? 'token' : at },
        ),
      ),
    );
    for (const [at, { messages }] of answers.entries()) {
      expect(messages.at(-1)?.id).toBe('same');
      expect(
        messages.slice(0, -1).map(({ params }) => params?.progressToken),
      ).toEqual(Array.from({ length: 3 }, () => (at % 2 ? 'token' : at)));
    }
  });

  it('fails what runs when the process ends, and goes on with another', async () => {
    const before = textOf(await client.call('pid'));
    const waiting = client.call('wait');
    await waitFor(() => bridge.pendingCount > 0);
    await client.call('exit', { code: 3 });
    const failed = await waiting;
    expect(failed.messages[0].error).toMatchObject({
      message: expect.stringContaining('code 3'),
    });
    expect(textOf(await client.call('pid'))).not.toBe(before);
  });

  it('lets nobody have too many requests, nor listen too often', async () => {
    const few = await startBridge({
      command: eraCommand,
      era: 'modern',
      limits: { maxPending: 2 },
    });
    const raw = new ModernClient(few.port);
    const wanted = { notifications: { toolsListChanged: true } };
    const open = await Promise.all(
      [1, 2].map(() => raw.start('subscriptions/listen', wanted)),
    );
    const more = await raw.request('subscriptions/listen', wanted);
    expect([more.status, more.headers['retry-after']]).toEqual([429, '1']);
    expect((await raw.call('pid')).status).toBe(200);
    for (const stream of open) stream.abandon();
    await waitFor(async () => {
      const again = await raw.start('subscriptions/listen', wanted);
      again.abandon();
      return again.res.statusCode === 200;
    });
    await few.stop();
  });

  it('finishes what runs before it shuts down, and takes no more', async () => {
    const ending = await startBridge({ command: eraCommand, era: 'modern' });
    const raw = new ModernClient(ending.port);
    const running = raw.call('log', { value: 'x', ms: 1000 });
    await waitFor(() => ending.pendingCount === 1);
    const drained = ending.drain({ linger: false });
    const refused = await raw.call('pid', {}, { id: 9 });
    expect([refused.status, refused.messages[0].id]).toEqual([503, 9]);
    expect(textOf(await running)).toBe('logged');
    await drained;
  });
});
