import {
  ANN,
  ann,
  BOB,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';
import type { Limits } from '../quota/QuotaLimits';

jest.setTimeout(30_000);

const A = 'group:default/a';
const B = 'group:default/b';

describe('quotas over REST', () => {
  let rest: TestRest;
  afterEach(() => rest.stop());

  const start = async (limits: Limits, services: object = {}) => {
    rest = await testRest({
      services: {
        quotaLimits: { default: limits, owners: new Map([[B, {}]]) },
        ...services,
      },
    });
  };
  const quota = async (query = '', as = ann) =>
    (await rest.get(`/quota${query}`, as)).body.items;

  it('refuse a change that takes too much, which is remembered as a refusal', async () => {
    await start({ servers: 1, replicas: 2 });
    await rest.made();
    const second = await rest.post({ spec: spec({ name: 'second' }) });
    expect([second.status, second.body.error]).toEqual([
      409,
      expect.objectContaining({
        name: 'QuotaExceededError',
        message: expect.stringContaining(
          'servers: 1 of 1 used, and this asks for 1 more',
        ),
      }),
    ]);
    const scale = await rest.send('post', '/servers/weather/scale', {
      replicas: 3,
    });
    expect(scale.status).toBe(409);
    expect((await rest.audited()).slice(1)).toMatchObject([
      {
        event: 'server-create',
        outcome: 'refused',
        server_name: 'second',
        reason: expect.stringContaining('servers: 1 of 1 used'),
      },
      { event: 'server-scale', outcome: 'refused', server_name: 'weather' },
    ]);
  });

  it('make no exception for administrators', async () => {
    await start({ servers: 0 }, { administrators: [ANN] });
    expect((await rest.post({ spec: spec() })).status).toBe(409);
    const forB = { spec: spec({ owner: 'b' }) };
    expect((await rest.post(forB)).status).toBe(202);
  });

  it('are shown to whoever makes servers for an owner, or sees one of theirs', async () => {
    await start({ servers: 3, memoryBytes: 2 ** 30 });
    await rest.made({}, { replicas: 2 });
    const { body } = await rest.post(
      { spec: spec({ name: 'bobs', owner: BOB }) },
      bob,
    );
    await rest.settled(body.operation.id);
    const ofA = {
      owner: A,
      limits: { servers: 3, memoryBytes: 2 ** 30 },
      used: {
        servers: 1,
        replicas: 2,
        cpuMillicores: 100,
        memoryBytes: 2 ** 30,
      },
    };
    // Ann may read every server.
    expect(await quota()).toEqual([
      ofA,
      expect.objectContaining({ owner: ANN }),
      expect.objectContaining({ owner: BOB }),
    ]);
    expect(await quota('?owner=a')).toEqual([ofA]);
    expect(await quota('?owner=b')).toEqual([]);
    expect(await quota('?owner=b&owner=user:default/bob', bob)).toMatchObject([
      { owner: B, limits: {}, used: { servers: 0 } },
      { owner: BOB, used: { servers: 1 } },
    ]);
    expect(await quota('?owner=a', bob)).toEqual([]);
    rest.denied.add('mcp-cloud.server.read');
    expect(await quota('', ann)).toMatchObject([{ owner: A }, { owner: ANN }]);
    expect((await rest.get('/quota?owner=:')).status).toBe(400);
  });

  it('are shown to administrators for any owner', async () => {
    await start({ servers: 3 }, { administrators: [ANN] });
    expect(await quota('?owner=group:default/new')).toEqual([
      {
        owner: 'group:default/new',
        limits: { servers: 3 },
        used: { servers: 0, replicas: 0, cpuMillicores: 0, memoryBytes: 0 },
      },
    ]);
  });

  it('are part of previews', async () => {
    await start({ servers: 2, replicas: 3 });
    await rest.made();
    const ofNew = (body: object) => rest.send('post', '/servers/preview', body);
    const ofChange = (body: object, as = ann) =>
      rest.send('post', '/servers/weather/preview', body, as);
    const second = { spec: spec({ name: 'second' }) };
    expect((await ofNew({ ...second, replicas: 2 })).body).toMatchObject({
      quota: {
        owner: A,
        limits: { servers: 2, replicas: 3 },
        used: { servers: 1, replicas: 1 },
        after: { servers: 2, replicas: 3 },
      },
      warnings: [],
    });
    const scaling = { min: 1, max: 4 };
    expect(
      (await ofChange({ action: 'update', spec: spec({ scaling }) })).body,
    ).toMatchObject({
      quota: { after: { servers: 1, replicas: 4 } },
      warnings: [
        {
          reason: 'QuotaExceeded',
          message: expect.stringContaining(
            'pods: 1 of 3 used, and this asks for 3 more',
          ),
        },
      ],
    });
    expect((await ofChange({ action: 'delete' })).body.quota.after).toEqual({
      servers: 0,
      replicas: 0,
      cpuMillicores: 0,
      memoryBytes: 0,
    });
    const { body } = await rest.post(second);
    await rest.settled(body.operation.id);
    expect(
      (await ofNew({ spec: spec({ name: 'third' }) })).body.warnings,
    ).toMatchObject([{ reason: 'QuotaExceeded' }]);
  });

  it('of owners that the caller does not belong to stay out of previews', async () => {
    await start({});
    await rest.made();
    const preview = await rest.send('post', '/servers/weather/preview', {
      action: 'update',
      spec: spec({ owner: 'b' }),
    });
    expect(preview.status).toBe(403);
    expect((await rest.audited()).at(-1)).toMatchObject({
      event: 'server-preview',
      outcome: 'refused',
    });
  });
});
