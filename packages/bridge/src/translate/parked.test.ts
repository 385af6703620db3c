import type { Bridge } from '../bridge';
import { eraCommand, startBridge } from '../__testUtils__/bridge';
import { TestClient, textOf } from '../__testUtils__/client';
import { ModernClient, neededBy, stateOf } from '../__testUtils__/modernClient';
import { waitFor } from '../__testUtils__/wait';

const capabilities = { elicitation: { form: {} }, sampling: {} };
/** Calls that wait side by side. */
const MANY = 8;
const accept = (name: string) => ({ action: 'accept', content: { name } });

async function start(limits: object = {}): Promise<[Bridge, ModernClient]> {
  const bridge = await startBridge({
    command: eraCommand,
    era: 'legacy',
    limits,
  });
  return [bridge, new ModernClient(bridge.port)];
}

const ask = (client: ModernClient, message: string, kinds = ['form']) =>
  client.call('ask', { kinds, message }, { id: message, capabilities });

// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

describe('calls of 2026-07-28 that wait for input, at a server with sessions', () => {
  let bridge: Bridge;
  let client: ModernClient;

  beforeAll(async () => {
    // As many may wait as one test has at a time; one more would end the oldest.
    [bridge, client] = await start({ poolSize: MANY });
  });
  afterAll(() => bridge.stop());

  it('answers with what is needed, and goes on with what is brought', async () => {
    const asked = await ask(client, 'first');
    expect(asked.messages[0]).toMatchObject({
      id: 'first',
      result: {
        resultType: 'input_required',
        inputRequests: {
          'input-1': {
            method: 'elicitation/create',
            params: { message: 'first' },
          },
        },
      },
    });
    const inputs = { [neededBy(asked)]: accept('Ann') };
    const done = await client.resume(asked, inputs, 'ask', {
      id: 'second',
      capabilities,
    });
    expect(done.messages[0]).toMatchObject({
      id: 'second',
      result: { resultType: 'complete' },
    });
    expect(textOf(done)).toContain('"Ann"');
  });

  it('gives every one of many its own answer', async () => {
    const names = Array.from({ length: MANY }, (_, at) => `name-${at}`);
    const texts = await Promise.all(
      names.map(async name => {
        const asked = await ask(client, name);
        const inputs = { [neededBy(asked)]: accept(name) };
        return textOf(
          await client.resume(asked, inputs, 'ask', { capabilities }),
        );
      }),
    );
    for (const [at, name] of names.entries())
      expect(JSON.parse(texts[at])).toMatchObject([{ content: { name } }]);
  });

  it('asks again for what is still missing', async () => {
    const asked = await ask(client, 'two', ['form', 'sample']);
    const both = Object.keys(asked.messages[0].result?.inputRequests ?? {});
    expect(both).toHaveLength(2);
    const again = await client.resume(
      asked,
      { [both[0]]: accept('one') },
      'ask',
      { capabilities },
    );
    expect(Object.keys(again.messages[0].result?.inputRequests ?? {})).toEqual([
      both[1],
    ]);
    expect(stateOf(again)).not.toBe(stateOf(asked));
  });

  it('refuses what is no input, and waits on', async () => {
    const asked = await ask(client, 'wrong');
    const refused = await client.resume(asked, { 'input-1': 5 }, 'ask');
    expect(refused.status).toBe(400);
    expect(refused.messages[0].error?.code).toBe(-32602);
    const inputs = { [neededBy(asked)]: accept('right') };
    const done = await client.resume(asked, inputs, 'ask', { capabilities });
    expect(textOf(done)).toContain('right');
  });

  it('knows no state that was changed, used, or made for somebody else', async () => {
    const asked = await ask(client, 'mine');
    const inputs = { [neededBy(asked)]: accept('x') };
    const state = stateOf(asked);
    for (const changed of [
      `${state}A`,
      `B${state.slice(1)}`,
      '',
      'x'.repeat(5000),
    ]) {
      const more = { inputResponses: inputs, requestState: changed };
      const answer = await client.call('ask', {}, { capabilities }, more);
      expect(answer.messages[0].error?.code).toBe(-32602);
    }
    await client.resume(asked, inputs, 'ask', { capabilities });
    const twice = await client.resume(asked, inputs, 'ask', { capabilities });
    expect(twice.messages[0].error?.code).toBe(-32602);
  });

  it('names the capability that a client lacks', async () => {
    const answer = await client.call(
      'ask',
      { kinds: ['sample'] },
      { capabilities: { elicitation: {} } },
    );
    expect(answer.status).toBe(400);
    expect(answer.messages[0].error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { sampling: {} } },
    });
  });

  it('sends log messages only to who wants them', async () => {
    const [wanted, unwanted] = await Promise.all([
      client.call('log', { value: 'w' }, { capabilities, logLevel: 'info' }),
      client.call('log', { value: 'u' }, { capabilities }),
    ]);
    expect(wanted.messages.map(({ method }) => method)).toEqual([
      'notifications/message',
      undefined,
    ]);
    expect(unwanted.messages).toHaveLength(1);
  });

  it('describes the server as one of 2026-07-28', async () => {
    const { messages } = await client.request('server/discover');
    expect(messages[0].result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true } },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'eras' } },
    });
  });

  it('says in the new way that a resource is not there', async () => {
    const answer = await client.request('resources/read', { uri: 'test://no' });
    expect(answer.messages[0].error?.code).toBe(-32602);
  });
});

describe('the limits of calls that wait', () => {
  it('gives a call up whose client does not come back, and its process', async () => {
    const [bridge, client] = await start({ inputTimeout: '200ms' });
    const asked = await ask(client, 'late');
    // The spare is all that is left.
    await waitFor(() => bridge.supervisor.list().length <= 1);
    const inputs = { [neededBy(asked)]: accept('x') };
    const late = await client.resume(asked, inputs, 'ask', { capabilities });
    expect(late.messages[0].error?.code).toBe(-32602);
    await bridge.stop();
  });

  it('lets the oldest go when too many wait, and serves the others', async () => {
    const [bridge, client] = await start({ poolSize: 2 });
    const asked = [];
    for (const name of ['one', 'two', 'three'])
      asked.push(await ask(client, name));
    const answers = await Promise.all(
      asked.map((one, at) =>
        client.resume(one, { [neededBy(one)]: accept(`${at}`) }, 'ask', {
          capabilities,
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 200, 200]);
    await bridge.stop();
  });

  it('serves no more calls of this kind at a time than it may, and all in the end', async () => {
    const [bridge, client] = await start({ poolSize: 2 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        client.call('echo', { value: `${at}` }, { capabilities }),
      ),
    );
    expect(answers.map(textOf)).toEqual(answers.map((_, at) => `${at}`));
    // Two of this kind, and the spare.
    expect(bridge.supervisor.list().length).toBeLessThanOrEqual(4);
    await bridge.stop();
  });

  it('gives its idle processes to those who need one', async () => {
    const [bridge, client] = await start({ maxChildren: 2, maxSessions: 2 });
    await client.call('pid');
    await client.call('echo', { value: 'x' }, { capabilities });
    const session = await TestClient.connect(bridge.port);
    expect((await session.call('pid')).status).toBe(200);
    expect(bridge.supervisor.list().length).toBeLessThanOrEqual(2);
    await bridge.stop();
  });
});
