import {
  ANN,
  ann,
  BOB,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';

jest.setTimeout(30_000);

describe('the platform over REST', () => {
  let rest: TestRest;
  afterEach(() => rest.stop());

  /** Ann is an administrator; Bob owns a server of his. */
  async function twoOwners() {
    rest = await testRest({ services: { administrators: [ANN] } });
    await rest.made();
    const { body } = await rest.post(
      { spec: spec({ name: 'bobs', owner: BOB }) },
      bob,
    );
    await rest.settled(body.operation.id);
    expect((await rest.get('/servers/weather', bob)).status).toBe(403);
  }

  it('shows administrators every act, and others those on servers that they may see', async () => {
    await twoOwners();
    const events = async (query: string, as: string) => {
      const { body } = await rest.get(`/audit${query}`, as);
      return body.items.map((one: any) => `${one.event} ${one.serverName}`);
    };
    expect(await events('', ann)).toEqual([
      'server-get weather',
      'server-create bobs',
      'server-create weather',
    ]);
    expect(await events('', bob)).toEqual(['server-create bobs']);
    expect(await events(`?principal=${BOB}&outcome=refused`, ann)).toEqual([
      'server-get weather',
    ]);
    expect(await events('?server=bobs', ann)).toEqual(['server-create bobs']);
    expect(await events('?event=server-create&limit=1', ann)).toHaveLength(1);
    expect(await events('?until=2020-01-01T01:00:00%2B01:00', ann)).toEqual([]);
    expect(await events('?since=2020-01-01T00:00:00Z', ann)).toHaveLength(3);
    expect((await rest.get('/audit?since=yesterday')).status).toBe(400);
    expect((await rest.get('/audit?cursor=x')).status).toBe(400);
  });

  it('shows every act once, page by page', async () => {
    rest = await testRest({ services: { administrators: [ANN] } });
    const at = '2026-11-21T12:00:00.000Z';
    await rest.knex('audit_events').insert(
      Array.from({ length: 25 }, (_, index) => ({
        id: `id-${String(index).padStart(2, '0')}`,
        // Some at the same moment.
        at: index < 20 ? at : '2026-11-21T11:00:00.000Z',
        event: 'x',
        outcome: 'succeeded',
        principal: ANN,
      })),
    );
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await rest.get(`/audit?limit=10${cursor}`);
      seen.push(...body.items.map((one: any) => one.id));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  it('reports objects of servers that there are not, and removes them on wish', async () => {
    await twoOwners();
    const known = (await rest.get('/servers/weather')).body.id;
    const key = (kind: string) => ({
      apiVersion: 'v1',
      kind,
      namespace: 'mcp',
      name: 'mcp-lost',
    });
    rest.world.objects.set('lost-id', [key('ConfigMap'), key('Service')]);
    rest.world.objects.set(known, [key('Service')]);
    expect((await rest.get('/orphans', bob)).status).toBe(403);
    expect((await rest.get('/orphans')).body).toEqual({
      items: [
        {
          cluster: 'local',
          serverId: 'lost-id',
          objects: ['ConfigMap', 'Service'].map(kind => ({
            kind,
            namespace: 'mcp',
            name: 'mcp-lost',
          })),
        },
      ],
      unknownClusters: [],
    });
    const remove = (id: string, as = ann) =>
      rest.send('delete', `/orphans/local/${id}`, undefined, as);
    expect((await remove('lost-id', bob)).status).toBe(403);
    expect((await remove('other')).status).toBe(404);
    expect((await remove(known)).status).toBe(409);
    expect((await remove('lost-id')).status).toBe(204);
    expect(rest.world.acts.at(-1)).toBe('remove mcp-lost mcp-lost');
    expect((await rest.audited()).at(-1)).toMatchObject({
      event: 'orphan-remove',
      outcome: 'succeeded',
      server_id: 'lost-id',
    });
  });
});
