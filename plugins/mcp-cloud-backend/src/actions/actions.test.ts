import {
  actionsRegistryServiceFactory,
  actionsServiceFactory,
} from '@backstage/backend-defaults/alpha';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import mcpActions from '@backstage/plugin-mcp-actions-backend';
import {
  ann,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';
import { eventually } from '../__testUtils__/eventually';

jest.setTimeout(60_000);

/** Read only, destructive, idempotent. */
const TOOLS: Record<string, [boolean, boolean, boolean]> = {
  'delete-server': [false, true, true],
  'deploy-server': [false, true, false],
  'get-operation': [true, false, true],
  'get-server': [true, false, true],
  'get-server-logs': [true, false, true],
  'list-clusters': [true, false, true],
  'list-servers': [true, false, true],
  'preview-server': [true, false, true],
  'restart-server': [false, true, false],
  'rollback-server': [false, true, false],
  'scale-server': [false, true, true],
  'start-server': [false, false, true],
  'stop-server': [false, true, true],
};

describe('actions as MCP tools', () => {
  let rest: TestRest;
  let clients: Client[];
  beforeEach(async () => {
    clients = [];
    rest = await testRest({
      features: [
        mcpActions,
        actionsRegistryServiceFactory,
        actionsServiceFactory,
      ],
      config: {
        backend: { actions: { pluginSources: ['mcp-cloud'] } },
        mcpActions: { namespacedToolNames: false },
      },
    });
  });
  afterEach(async () => {
    await Promise.all(clients.map(client => client.close()));
    await rest?.stop();
  });

  /** An agent that works for this person. */
  async function agentOf(authorization: string) {
    const client = new Client({ name: 'agent', version: '1' });
    clients.push(client);
    await client.connect(
      new StreamableHTTPClientTransport(
        new URL(`http://localhost:${rest.app.port()}/api/mcp-actions/v1`),
        { requestInit: { headers: { Authorization: authorization } } },
      ),
    );
    const call = async (name: string, args: object = {}) => {
      const { content, isError } = await client.callTool({
        name,
        arguments: { ...args },
      });
      const [{ text }] = content as Array<{ text: string }>;
      const body = text.replace(/^```json\n?|\n?```$/g, '');
      return isError ? { error: text } : JSON.parse(body);
    };
    const done = async (name: string, args: object) => {
      const { operation, error } = await call(name, args);
      expect(error).toBeUndefined();
      return eventually(async () => {
        const now = await call('get-operation', { id: operation.id });
        return now.finishedAt && now;
      });
    };
    return { client, call, done };
  }

  it('are all there, and say what they do to the world', async () => {
    const { client } = await agentOf(ann);
    const { tools } = await client.listTools();
    expect(
      Object.fromEntries(
        tools.map(({ name, annotations: hints }) => [
          name,
          [hints?.readOnlyHint, hints?.destructiveHint, hints?.idempotentHint],
        ]),
      ),
    ).toEqual(TOOLS);
    expect(tools.every(({ description }) => description)).toBe(true);
  });

  it('lead a server through its life', async () => {
    const { call, done } = await agentOf(ann);
    expect((await call('list-clusters')).items).toMatchObject([
      { name: 'local', state: 'ok' },
    ]);
    expect(
      await call('preview-server', { create: { spec: spec() } }),
    ).toMatchObject({ action: 'create', verified: true });
    expect(
      await done('deploy-server', { spec: spec(), replicas: 2 }),
    ).toMatchObject({ kind: 'deploy', state: 'succeeded', revision: 1 });
    expect(await call('list-servers', { q: 'weath' })).toMatchObject({
      total: 1,
      items: [{ name: 'weather', replicas: 2 }],
    });
    const { etag } = await call('get-server', { name: 'weather' });
    const update = { spec: spec({ image: 'reg/weather:2' }) };
    expect(
      await call('preview-server', {
        name: 'weather',
        change: { action: 'update', ...update },
      }),
    ).toMatchObject({ spec: [{ path: 'image' }] });
    expect(await done('deploy-server', { ...update, etag })).toMatchObject({
      revision: 2,
    });
    expect((await call('deploy-server', { ...update, etag })).error).toContain(
      'was changed since you read it',
    );
    expect(
      await done('rollback-server', { name: 'weather', revision: 1 }),
    ).toMatchObject({ kind: 'rollback', revision: 3 });
    for (const [tool, args] of [
      ['scale-server', { replicas: 3 }],
      ['restart-server', {}],
      ['stop-server', {}],
      ['start-server', {}],
    ] as const) {
      expect(await done(tool, { name: 'weather', ...args })).toMatchObject({
        state: 'succeeded',
      });
    }
    expect(await call('get-server', { name: 'weather' })).toMatchObject({
      replicas: 3,
      image: 'reg/weather:1',
      capabilities: { tools: [{ name: 'echo' }] },
    });
    expect(await call('get-server-logs', { name: 'weather' })).toEqual({
      items: [{ pod: 'p', text: 'hello' }],
    });
    const remove = { name: 'weather', idempotencyKey: 'once' };
    const { id } = await done('delete-server', remove);
    expect((await call('delete-server', remove)).operation.id).toBe(id);
    expect((await call('get-server', { name: 'weather' })).error).toContain(
      'no server called',
    );
  });

  it('allow what REST allows, and remember refusals', async () => {
    await rest.made();
    const { call } = await agentOf(bob);
    for (const [tool, args] of [
      ['get-server', {}],
      ['get-server-logs', {}],
      ['preview-server', { change: { action: 'delete' } }],
      ['scale-server', { replicas: 2 }],
      ['stop-server', {}],
      ['start-server', {}],
      ['restart-server', {}],
      ['rollback-server', { revision: 1 }],
      ['delete-server', {}],
    ] as const) {
      expect((await call(tool, { name: 'weather', ...args })).error).toContain(
        'You may not',
      );
    }
    expect((await call('deploy-server', { spec: spec() })).error).toContain(
      'You may not',
    );
    expect(await call('list-servers')).toMatchObject({ items: [], total: 0 });
    expect(
      (await rest.audited()).filter(({ outcome }) => outcome === 'refused'),
    ).toHaveLength(10);
  });
});
