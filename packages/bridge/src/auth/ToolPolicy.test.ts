import fc from 'fast-check';
import type { Bridge } from '../bridge';
import { configFrom } from '../config/load';
import { settings, startBridge } from '../__testUtils__/bridge';
import { send, TestClient, textOf } from '../__testUtils__/client';
import { OAuthIssuer } from '../__testUtils__/oauthIssuer';
import { SocketClient } from '../__testUtils__/socket';
import { fits, ToolPolicy } from './ToolPolicy';

const nobody = { principal: 'x', scopes: new Set<string>(), claims: {} };

describe('patterns of tool names', () => {
  it.each([
    ['echo', 'echo', true],
    ['echo', 'ech', false],
    ['echo', 'e*', true],
    ['echo', '*o', true],
    ['echo', 'e*c*o', true],
    ['aba', 'ab*ba', false],
    ['a.b', 'a?b', false],
    ['', '*', true],
  ])('%s fits %s: %s', (name, pattern, expected) =>
    expect(fits(name, pattern)).toBe(expected),
  );

  it('agrees with a regular expression', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', '*'),
      maxLength: 8,
    });
    const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(names, letters, (name, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        return fits(name, pattern) === expression.test(name);
      }),
    );
  });
});

describe('who may call which tool', () => {
  const policy = new ToolPolicy(
    configFrom(
      settings({
        tools: {
          rules: [
            {
              tools: ['delete_*'],
              scopes: ['admin'],
              claims: { team: ['ops', 'dev'] },
            },
            { tools: ['delete_*', 'ci'], keys: ['robot'] },
          ],
        },
      }),
    ).tools,
  );
  it.each([
    ['a tool of no rule', 'echo', {}, true],
    ['nobody in particular', 'delete_x', {}, false],
    [
      'a scope without the claim',
      'delete_x',
      { scopes: new Set(['admin']) },
      false,
    ],
    [
      'scope and claim',
      'delete_x',
      { scopes: new Set(['admin']), claims: { team: 'ops' } },
      true,
    ],
    [
      'one of several values of a claim',
      'delete_x',
      { scopes: new Set(['admin']), claims: { team: ['a', 'dev'] } },
      true,
    ],
    ['a key of another rule', 'delete_x', { keyId: 'robot' }, true],
    ['another key', 'ci', { keyId: 'human' }, false],
  ])('%s: %s', (_, tool, who, allowed) =>
    expect(policy.judge(tool, { ...nobody, ...who }).allowed).toBe(allowed),
  );

  it('asks for nothing that the prototype has', () => {
    const { tools } = configFrom(
      settings({
        tools: { rules: [{ tools: ['*'], claims: { toString: 'x' } }] },
      }),
    );
    expect(new ToolPolicy(tools).judge('a', nobody).allowed).toBe(false);
  });
});

describe('rules for tools', () => {
  let bridge: Bridge;
  let issuer: OAuthIssuer;
  const connect = async (claims: object = {}) =>
    TestClient.connect(bridge.port, {
      headers: await issuer.bearer({ ...claims }),
    });
  const namesFor = async (client: TestClient) => {
    const { messages } = await client.post({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
    });
    const tools = messages.at(-1)?.result?.tools as { name: string }[];
    return tools.map(({ name }) => name);
  };

  beforeAll(async () => {
    issuer = await OAuthIssuer.start();
    bridge = await startBridge({
      auth: issuer.auth(),
      tools: {
        rules: [
          { tools: ['pid'], scopes: ['admin'] },
          { tools: ['env'], claims: { team: 'ops' } },
        ],
      },
    });
  });
  afterAll(async () => {
    await bridge.stop();
    issuer.stop();
  });

  it('lists what the sender may call, and refuses the rest', async () => {
    const client = await connect();
    const all = await namesFor(await connect({ scope: 'admin', team: 'ops' }));
    expect(all).toEqual(expect.arrayContaining(['echo', 'pid', 'env']));
    expect(await namesFor(client)).toEqual(
      all.filter(name => name !== 'pid' && name !== 'env'),
    );
    expect(textOf(await client.call('echo', { text: 'hi' }))).toBe('hi');

    const byScope = await client.call('pid');
    expect([byScope.status, byScope.headers['www-authenticate']]).toEqual([
      403,
      expect.stringContaining(
        'error="insufficient_scope", scope="admin", resource_metadata="https://',
      ),
    ]);
    expect(byScope.messages[0]).toMatchObject({
      id: 1,
      error: { data: { reason: 'scope' } },
    });
    const byClaim = await client.call('env', { name: 'HOME' });
    expect([byClaim.status, byClaim.headers['www-authenticate']]).toEqual([
      403,
      undefined,
    ]);
    expect(byClaim.messages[0]).toMatchObject({
      error: {
        message: 'You may not call the tool "env"',
        data: { reason: 'tool' },
      },
    });
    expect(
      (await client.seen()).some(({ params }) => params?.name === 'env'),
    ).toBe(false);
  });

  it('looks at the token of the call, not at that which opened the session', async () => {
    const client = await connect();
    const stronger = await issuer.bearer({ scope: 'admin' });
    const answer = await send(bridge.port, {
      headers: { ...client.headers, ...stronger },
      body: client.callBody('pid'),
    });
    expect(textOf(answer)).toBe(String(client.pid));
  });

  it.each([
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"pid"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","Name":"pid"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"},"PARAMS":{"name":"pid"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"},"paramſ":{"name":"pid"}}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call","params":{"name":"pid"}}',
    '{"jsonrpc":"2.0","method":"x","ID":1,"Method":"tools/call","params":{"name":"pid"}}',
  ])('refuses what a server may read in another way: %s', async body => {
    const client = await connect();
    const answer = await client.postText(body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('two ways');
  });

  it('refuses one call of a batch and answers the others', async () => {
    const headers = await issuer.bearer();
    const client = await TestClient.connect(bridge.port, {
      headers,
      version: '2025-03-26',
    });
    const calls = ['pid', 'echo'].map((name, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: { text: 'hi' } },
    }));
    const { status, messages } = await client.post(calls);
    expect(status).toBe(200);
    expect(messages.find(({ id }) => id === 0)?.error?.data).toMatchObject({
      reason: 'scope',
    });
    expect(messages.find(({ id }) => id === 1)?.result).toBeDefined();
  });

  it('holds over WebSocket too', async () => {
    const socket = await SocketClient.connect(bridge.port, {
      headers: await issuer.bearer(),
    });
    expect((await socket.call('pid')).error?.data).toMatchObject({
      reason: 'scope',
    });
    socket.ws.close();
  });
});
