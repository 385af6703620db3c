import { mockServices } from '@backstage/backend-test-utils';
import {
  McpCloudClient,
  type Server,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { ServerSource } from './ServerSource';
import { testServer } from './testServers';

function setUp(servers: Server[]) {
  const requests: string[] = [];
  const tokens = new Set<string | null>();
  const fetchApi: { fetch: typeof fetch } = {
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const path = url.pathname.replace('/api/mcp-cloud', '');
      requests.push(path + url.search);
      tokens.add(new Headers(init?.headers).get('authorization'));
      const name = /^\/servers\/(.+)\/capabilities$/.exec(path)?.[1];
      if (name === 'young') {
        return new Response(
          JSON.stringify({
            error: { name: 'NotFoundError', message: 'none yet' },
          }),
          { status: 404 },
        );
      }
      if (name) {
        return Response.json({ tools: [{ name: `tool of ${name}` }] });
      }
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const to = from + 2;
      return Response.json({
        items: servers.slice(from, to),
        nextCursor: to < servers.length ? String(to) : undefined,
      });
    },
  };
  const discovery = mockServices.discovery();
  const client = new McpCloudClient({ discoveryApi: discovery, fetchApi });
  return {
    requests,
    tokens,
    source: new ServerSource({
      auth: mockServices.auth({ pluginId: 'catalog' }),
      discovery,
      client,
    }),
  };
}

describe('ServerSource', () => {
  it('reads all pages with the credentials of the catalog', async () => {
    const { source, tokens } = setUp(
      ['a', 'b', 'c', 'd', 'e'].map(name => testServer({ name })),
    );
    const servers = await source.list();
    expect(servers.map(({ server }) => server.name)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(servers[0].url).toMatch(/\/api\/mcp-cloud\/servers\/a\/mcp$/);
    expect(servers[0].capabilities?.tools).toEqual([{ name: 'tool of a' }]);
    expect(
      [...tokens].every(token => token?.includes('mock-service-token')),
    ).toBe(true);
  });

  it('leaves out servers that an entity stands for, and those that are being deleted', async () => {
    const { source } = setUp([
      testServer({ name: 'a', catalogRef: 'component:default/mine' }),
      testServer({ name: 'b' }),
      testServer({
        name: 'c',
        status: { ...testServer({ name: 'c' }).status, state: 'Deleting' },
      }),
    ]);
    expect((await source.list()).map(({ server }) => server.name)).toEqual([
      'b',
    ]);
  });

  it('lives with servers that have had no handshake yet', async () => {
    const { source } = setUp([testServer({ name: 'young' })]);
    expect((await source.list())[0].capabilities).toBeUndefined();
  });

  it('asks for capabilities anew only after an operation', async () => {
    const servers = [testServer({ name: 'a' })];
    const { source, requests } = setUp(servers);
    const asked = () =>
      requests.filter(path => path.endsWith('/capabilities')).length;
    await source.list();
    await source.list();
    expect(asked()).toBe(1);
    servers[0] = testServer({ name: 'a', revision: 2 });
    await source.list();
    expect(asked()).toBe(2);
  });
});
