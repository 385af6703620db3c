import {
  ann,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';
import { KubeApiError } from '../clusters/KubeApiError';

jest.setTimeout(30_000);

describe('previews over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  const ofNew = (extra: object, as = ann) =>
    rest.send('post', '/servers/preview', { spec: spec(extra) }, as);
  const ofChange = (body: object, as = ann) =>
    rest.send('post', '/servers/weather/preview', body, as);

  it('tell what a new server brings, and change nothing', async () => {
    const { status, body } = await ofNew({ secrets: ['KEY'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      action: 'create',
      verified: true,
      restartsPods: false,
      objects: [
        { kind: 'Secret', name: 'mcp-weather--env-1', change: 'added' },
        { kind: 'Deployment', name: 'mcp-weather', change: 'added' },
      ],
    });
    expect((await rest.get('/servers')).body.total).toBe(0);
    expect(await rest.knex('secret_versions')).toEqual([]);
    expect(rest.world.acts).toEqual([]);
    await rest.made();
    expect((await ofNew({})).status).toBe(409);
  });

  it('tell what an update, a rollback and a deletion do', async () => {
    await rest.made({ secrets: ['KEY'] }, { secretValues: { KEY: '1' } });
    const change = { secrets: ['KEY'], env: { A: '1' } };
    const update = await ofChange({ action: 'update', spec: spec(change) });
    expect(update.body).toMatchObject({
      action: 'update',
      spec: [{ path: 'env.A', after: '1' }],
      objects: [{ kind: 'Deployment', change: 'changed' }],
      warnings: [],
    });
    const rotated = await ofChange({
      action: 'update',
      spec: spec(change),
      newSecretValues: true,
    });
    expect(rotated.body.objects[0]).toMatchObject({
      name: 'mcp-weather--env-2',
      change: 'added',
    });
    const missing = await ofChange({
      action: 'update',
      spec: spec({ secrets: ['KEY', 'MORE'] }),
    });
    expect(missing.body.warnings).toMatchObject([
      {
        reason: 'MissingSecretValues',
        message: expect.stringMatching(/^MORE/),
      },
    ]);

    const { body } = await rest.put('weather', '*', { spec: spec(change) });
    await rest.settled(body.operation.id);
    const { body: stop } = await rest.send('post', '/servers/weather/stop');
    await rest.settled(stop.operation.id);
    expect(
      (await ofChange({ action: 'rollback', revision: 1 })).body,
    ).toMatchObject({
      action: 'rollback',
      spec: [{ path: 'env.A', before: '1' }],
      warnings: [{ reason: 'StaysStopped' }],
    });
    expect((await ofChange({ action: 'delete' })).body).toMatchObject({
      objects: [
        { kind: 'Deployment', change: 'removed' },
        { kind: 'Secret', name: 'mcp-weather--env-1', change: 'removed' },
      ],
      warnings: [{ reason: 'EndsSessions' }],
    });
    expect((await rest.get('/servers/weather')).body.revision).toBe(2);
  });

  it('say what the cluster would refuse, and when it cannot be asked', async () => {
    rest.world.warnings = [{ reason: 'Refused', message: 'exceeded quota' }];
    expect((await ofNew({})).body).toMatchObject({
      verified: false,
      warnings: [{ reason: 'Refused', message: 'exceeded quota' }],
    });
    rest.world.before = act => {
      if (act === 'preview') {
        throw new KubeApiError('It refuses connections.', 0, 'Unreachable');
      }
    };
    const { status, body } = await ofNew({});
    expect([status, body.error.message]).toEqual([
      503,
      expect.stringContaining('It refuses connections.'),
    ]);
  });

  it('are for those who may make the change, and refuse what it would be refused for', async () => {
    await rest.made();
    expect((await ofChange({ action: 'delete' }, bob)).status).toBe(403);
    expect((await ofNew({ name: 'x', owner: 'a' }, bob)).status).toBe(403);
    expect((await ofChange({ action: 'paint' })).status).toBe(400);
    expect(
      (await ofChange({ action: 'update', spec: spec({ cluster: 'x' }) }))
        .status,
    ).toBe(400);
    expect((await ofChange({ action: 'rollback', revision: 9 })).status).toBe(
      404,
    );
    expect(await rest.audited()).toMatchObject([
      { event: 'server-create' },
      { event: 'server-preview', outcome: 'refused' },
      { event: 'server-preview', outcome: 'refused' },
    ]);
  });
});
