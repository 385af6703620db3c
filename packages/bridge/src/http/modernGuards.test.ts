import type { Bridge } from '../bridge';
import {
  eraCommand,
  fixtureCommand,
  startBridge,
} from '../__testUtils__/bridge';
import { Answer, send, TestClient, textOf } from '../__testUtils__/client';
import { ModernClient, neededBy, stateOf } from '../__testUtils__/modernClient';
import { OAuthIssuer } from '../__testUtils__/oauthIssuer';
import type { UsageReport } from '../observability/UsageCounts';

// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

const capabilities = { elicitation: { form: {} } };

function toolsOf({ messages }: Answer): string[] {
  const { tools } = messages[0].result as unknown as {
    tools: { name: string }[];
  };
  return tools.map(({ name }) => name);
}

async function usageAt(bridge: Bridge): Promise<[string, number][]> {
  const ask = { method: 'GET', path: '/usage' };
  const { usage } = JSON.parse(
    (await send(bridge.adminPort, ask)).text,
  ) as UsageReport;
  return usage.map(({ tool, calls }) => [tool, calls]);
}

describe.each(['modern', 'legacy'])(
  'what guards requests of 2026-07-28, at a %s server',
  era => {
    let bridge: Bridge;
    afterEach(() => bridge.stop());

    describe('with rules for tools', () => {
      let issuer: OAuthIssuer;
      const clientWith = async (claims: Record<string, unknown>) =>
        new ModernClient(bridge.port, await issuer.bearer(claims));
      beforeEach(async () => {
        issuer = await OAuthIssuer.start();
        bridge = await startBridge({
          command: eraCommand,
          era,
          auth: issuer.auth(),
          tools: {
            rules: [{ tools: ['pid', 'ask'], scopes: ['admin'] }],
          },
        });
      });
      afterEach(() => issuer.stop());

      it('lists what the sender may call, for nobody else to keep', async () => {
        const [some, all] = [
          await (await clientWith({})).request('tools/list'),
          await (await clientWith({ scope: 'admin' })).request('tools/list'),
        ];
        expect(toolsOf(all)).toEqual(expect.arrayContaining(['echo', 'pid']));
        expect(toolsOf(some)).toEqual(
          toolsOf(all).filter(name => !['pid', 'ask'].includes(name)),
        );
        expect(some.messages[0].result).toMatchObject({
          cacheScope: 'private',
        });
      });

      it('refuses what the sender may not call, also by a key that stands twice', async () => {
        const client = await clientWith({});
        const refused = await client.call('pid', {}, { id: 'x' });
        expect(refused.status).toBe(403);
        expect(refused.messages[0]).toMatchObject({
          id: 'x',
          error: { data: { reason: 'scope' } },
        });
        const admin = await clientWith({ scope: 'admin' });
        expect((await admin.call('pid')).status).toBe(200);
        const twice = await client.request('tools/call', {
          name: 'echo',
          Name: 'pid',
          arguments: {},
        });
        expect(twice.status).toBe(400);
        expect((await client.call('echo', { value: 'hi' })).status).toBe(200);
      });
    });

    it('refuses more than the rate, under the id of the request', async () => {
      bridge = await startBridge({
        command: eraCommand,
        era,
        limits: { rate: 0.01, burst: 2 },
      });
      const client = new ModernClient(bridge.port);
      expect((await client.call('pid')).status).toBe(200);
      expect((await client.call('pid')).status).toBe(200);
      const headers = { 'x-request-id': 'mine' };
      const refused = await client.call('pid', {}, { id: 'third', headers });
      expect(refused.status).toBe(429);
      expect(refused.headers['x-request-id']).toBe('mine');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1);
      expect(refused.messages[0]).toMatchObject({
        id: 'third',
        error: { data: { reason: 'rate' } },
      });
    });

    it('counts a call once, however often it needs input', async () => {
      bridge = await startBridge({ command: eraCommand, era });
      const client = new ModernClient(bridge.port);
      await client.call('pid');
      const args = { kinds: ['form'], message: 'please' };
      const asked = await client.call('ask', args, { capabilities });
      const answers = {
        [neededBy(asked)]: { action: 'accept', content: { name: 'Ann' } },
      };
      expect(await usageAt(bridge)).toEqual([['pid', 1]]);
      const done = await client.call(
        'ask',
        args,
        { capabilities },
        { inputResponses: answers, requestState: stateOf(asked) },
      );
      expect(textOf(done)).toContain('Ann');
      expect(await usageAt(bridge)).toEqual([
        ['pid', 1],
        ['ask', 1],
      ]);
    });
  },
);

describe('calls that wait for input, while there are rules for tools', () => {
  it('are not gone on with under the name of another tool', async () => {
    const bridge = await startBridge({ command: eraCommand, era: 'legacy' });
    const client = new ModernClient(bridge.port);
    const args = { kinds: ['form'], message: 'please' };
    const asked = await client.call('ask', args, { capabilities });
    const answers = { [neededBy(asked)]: { action: 'accept', content: {} } };
    const other = await client.resume(asked, answers, 'echo', { capabilities });
    expect(other.status).toBe(400);
    const same = await client.resume(asked, answers, 'ask', { capabilities });
    expect(same.status).toBe(200);
    await bridge.stop();
  });
});

describe("credentials in a request's headers, at a modern server", () => {
  it.each(['session', 'shared'])(
    'reach a process of their own (isolation %s)',
    async isolation => {
      const bridge = await startBridge({
        command: eraCommand,
        era: 'modern',
        isolation,
        headerEnv: { 'X-Api-Key': 'API_KEY' },
      });
      const pidFor = async (headers = {}) =>
        textOf(await new ModernClient(bridge.port, headers).call('pid'));
      const sessionFor = async (headers = {}) => {
        const client = await TestClient.connect(bridge.port, { headers });
        return textOf(await client.call('pid'));
      };
      const a = { 'x-api-key': 'a' };
      const own = await pidFor(a);
      expect(await pidFor(a)).toBe(own);
      const others = [
        await pidFor(),
        await pidFor({ 'x-api-key': 'b' }),
        await sessionFor(),
        await sessionFor(a),
      ];
      expect(others).not.toContain(own);
      expect(others[3]).not.toBe(others[2]);
      await bridge.stop();
    },
  );
});

describe.each(['session', 'shared'])(
  "credentials in a request's headers, with isolation %s",
  isolation => {
    let bridge: Bridge;
    const withKey = (key?: string) =>
      new ModernClient(
        bridge.port,
        key === undefined ? {} : { 'x-api-key': key },
      );
    const name = 'API_KEY';
    const keyOf = async (client: ModernClient, options?: object) =>
      textOf(await client.call('env', { name }, options));
    const keyIn = async (session: TestClient) =>
      textOf(await session.call('env', { name }));
    beforeEach(async () => {
      bridge = await startBridge({
        command: fixtureCommand,
        isolation,
        headerEnv: { 'X-Api-Key': 'API_KEY' },
      });
    });
    afterEach(() => bridge.stop());

    it('reach processes of the translated client alone, one call at a time or not', async () => {
      const clients = ['a', 'b', undefined].map(withKey);
      const keys = ['a', 'b', 'undefined'];
      expect(await Promise.all(clients.map(one => keyOf(one)))).toEqual(keys);
      const asked = clients.map(one => keyOf(one, { capabilities }));
      expect(await Promise.all(asked)).toEqual(keys);
      expect(await keyOf(withKey())).toBe('undefined');
    });

    it('reach a process of the session alone', async () => {
      const connect = (headers = {}) =>
        TestClient.connect(bridge.port, { headers });
      const own = await connect({ 'x-api-key': 'secret' });
      const other = await connect();
      expect([await keyIn(own), await keyIn(other)]).toEqual([
        'secret',
        'undefined',
      ]);
      expect(await keyOf(withKey())).toBe('undefined');
      expect(await keyOf(withKey('secret'))).toBe('secret');
    });
  },
);
