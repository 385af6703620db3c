import { eventually } from '../__testUtils__/eventually';
import {
  ann,
  BOB,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';
import { KubeApiError } from '../clusters/KubeApiError';

jest.setTimeout(60_000);

describe('moves over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
    rest.world.withOther();
  });
  afterEach(() => rest.stop());

  const move = (body: object, as = ann) =>
    rest.send('post', '/servers/weather/move', body, as);
  const preview = (as = ann) =>
    rest.send(
      'post',
      '/servers/weather/preview',
      { action: 'move', cluster: 'other' },
      as,
    );

  it('take a server to another cluster, as their preview says', async () => {
    await rest.made({ secrets: ['KEY'] }, { secretValues: { KEY: '1' } });
    expect((await preview()).body).toMatchObject({
      action: 'move',
      spec: [{ path: 'cluster', before: 'local', after: 'other' }],
      objects: [
        { kind: 'Secret', name: 'mcp-weather--env-2', change: 'added' },
        { kind: 'Deployment', change: 'added' },
        { kind: 'Deployment', change: 'removed' },
        { kind: 'Secret', name: 'mcp-weather--env-1', change: 'removed' },
      ],
      warnings: [{ reason: 'MissingSecretValues' }, { reason: 'EndsSessions' }],
    });
    const { status, body } = await move({
      cluster: 'other',
      secretValues: { KEY: '2' },
      message: 'closer to the data',
    });
    expect([status, body.operation]).toMatchObject([
      202,
      { kind: 'move', cluster: 'other', revision: 2 },
    ]);
    expect(await rest.settled(body.operation.id)).toMatchObject({
      state: 'succeeded',
    });
    expect((await rest.get('/servers/weather')).body).toMatchObject({
      cluster: 'other',
      namespace: 'mcp-other',
      revision: 2,
      spec: { cluster: 'other' },
      revisionInfo: { message: 'closer to the data' },
    });
    const [newest] = (await rest.get('/servers/weather/revisions')).body.items;
    expect(newest).toMatchObject({ origin: 'move', newest: true, good: true });
    expect((await rest.get('/servers?cluster=local')).body.total).toBe(0);
    expect((await rest.audited()).at(-1)).toMatchObject({
      event: 'server-move',
      outcome: 'succeeded',
    });
    // What went before is compared, and previewed as a way back, in the cluster of now.
    const diff = await rest.get('/servers/weather/revisions/2/diff');
    expect(diff.body.spec).toEqual([
      { path: 'cluster', before: 'local', after: 'other' },
    ]);
    const back = { action: 'rollback', revision: 1 };
    expect(
      (await rest.send('post', '/servers/weather/preview', back)).body,
    ).toMatchObject({ action: 'rollback', spec: [] });
  });

  it('clear the other cluster at once when the server does not come up there', async () => {
    await rest.made();
    const { other } = rest.world;
    other!.statuses.set('weather', { state: 'Failed', message: 'No quota.' });
    const { body } = await move({ cluster: 'other' });
    expect(await rest.settled(body.operation.id)).toMatchObject({
      state: 'failed',
      error: { message: 'No quota.' },
    });
    const cleared = await eventually(async () => {
      const { items } = (await rest.get('/servers/weather/operations')).body;
      return (
        items[0].finishedAt && items[0].id !== body.operation.id && items[0]
      );
    });
    expect(cleared).toMatchObject({ kind: 'move', state: 'succeeded' });
    expect(cleared.cluster).toBeUndefined();
    expect(other!.deployments.size).toBe(0);
    expect((await rest.get('/servers/weather')).body).toMatchObject({
      cluster: 'local',
      revision: 1,
    });
  });

  it('are refused in words', async () => {
    await rest.made({ secrets: ['KEY'] }, { secretValues: { KEY: '1' } });
    const messages = await Promise.all(
      [
        { cluster: 'other' },
        { cluster: 'local', secretValues: { KEY: '1' } },
        { cluster: 'nowhere', secretValues: { KEY: '1' } },
        {},
      ].map(async body => {
        const answer = await move(body);
        return `${answer.status} ${answer.body.error.message}`;
      }),
    );
    expect(messages).toEqual([
      expect.stringMatching(/^400 secretValues\.KEY: .* missing/),
      expect.stringMatching(/^400 cluster: "weather" runs in "local" already/),
      expect.stringMatching(/^400 .*Known clusters: local, other/),
      expect.stringMatching(/^400 cluster: This field is missing/),
    ]);
    const update = await rest.put('weather', '*', {
      spec: spec({ cluster: 'other', secrets: ['KEY'] }),
    });
    expect([update.status, update.body.error.message]).toEqual([
      400,
      expect.stringContaining('POST /servers/weather/move'),
    ]);
    rest.world.before = act => {
      if (act === 'put') {
        throw new KubeApiError('It does not answer.', 0, 'Unreachable');
      }
    };
    const values = { cluster: 'other', secretValues: { KEY: '1' } };
    expect((await move(values)).status).toBe(503);
    expect(await rest.knex('secret_versions')).toHaveLength(1);
  });

  it('are for those who may change the server, here and there', async () => {
    await rest.made();
    expect((await move({ cluster: 'other' }, bob)).status).toBe(403);
    expect((await preview(bob)).status).toBe(403);
    const bobs = spec({ name: 'bobs', owner: BOB, secrets: ['KEY'] });
    await rest.post({ spec: bobs, secretValues: { KEY: '1' } }, bob);
    rest.denied.add('mcp-cloud.server.secrets');
    const mine = await rest.send(
      'post',
      '/servers/bobs/move',
      { cluster: 'other', secretValues: { KEY: '1' } },
      bob,
    );
    expect(mine.status).toBe(403);
    rest.denied.clear();
    rest.denied.add('mcp-cloud.server.update');
    expect((await move({ cluster: 'other' })).status).toBe(403);
  });
});
