import {
  ann,
  ANN,
  BOB,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';

jest.setTimeout(60_000);

const STAGING = {
  application: 'weather',
  environment: 'staging',
  image: 'reg/weather:1',
};
const PRODUCTION = {
  ...STAGING,
  name: 'weather-prod',
  environment: 'production',
};

describe('promotion over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  const promote = (body: object, as = ann) =>
    rest.send('post', '/servers/weather/promote', body, as);
  const preview = (body: object, as = ann) =>
    rest.send(
      'post',
      '/servers/weather/preview',
      { action: 'promote', ...body },
      as,
    );
  const change = async (name: string, extra: object, rests: object = {}) => {
    const body = { spec: spec(extra), ...rests };
    const answer = await rest.put(name, '*', body);
    expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    await rest.settled(answer.body.operation.id);
  };

  it('brings what is built and keeps what belongs to the environment', async () => {
    await rest.made({ ...STAGING, env: { URL: 'staging', NEW: '1' } });
    await rest.made(
      {
        ...PRODUCTION,
        owner: ANN,
        env: { URL: 'production' },
        secrets: ['KEY'],
      },
      { secretValues: { KEY: 'hush' }, replicas: 3 },
    );
    await change('weather', {
      ...STAGING,
      image: 'reg/weather:2',
      env: { URL: 'staging', NEW: '1' },
      limits: { rate: 7 },
      logLevel: 'debug',
    });

    const wanted = [
      { path: 'env.NEW', after: '1' },
      { path: 'image', before: 'reg/weather:1', after: 'reg/weather:2' },
      { path: 'limits.rate', after: 7 },
    ];
    const { body: told } = await preview({ to: 'production' });
    expect(told).toMatchObject({ action: 'promote', warnings: [] });
    expect(told.spec).toEqual(expect.arrayContaining(wanted));
    expect(told.spec).toHaveLength(wanted.length);

    const { status, body } = await promote({ to: 'production' });
    expect([status, body.operation]).toMatchObject([
      202,
      { kind: 'deploy', serverName: 'weather-prod', revision: 2 },
    ]);
    await rest.settled(body.operation.id);
    expect((await rest.get('/servers/weather-prod')).body).toMatchObject({
      owner: ANN,
      replicas: 3,
      spec: {
        name: 'weather-prod',
        environment: 'production',
        image: 'reg/weather:2',
        env: { URL: 'production', NEW: '1' },
        secrets: ['KEY'],
        limits: { rate: 7 },
        logLevel: 'info',
      },
      revisionInfo: { author: ANN, message: 'Revision 2 of weather' },
    });
    const [newest] = (await rest.get('/servers/weather-prod/revisions')).body
      .items;
    expect(newest).toMatchObject({ number: 2, origin: 'promote' });
    expect([...rest.world.secrets]).toEqual([
      ['weather-prod/1', { KEY: 'hush' }],
    ]);
    expect((await rest.audited()).at(-1)).toMatchObject({
      event: 'server-promote',
      server_name: 'weather-prod',
      outcome: 'succeeded',
    });
    const list = await rest.get('/servers?application=weather');
    expect(list.body.items.map((one: { name: string }) => one.name)).toEqual([
      'weather',
      'weather-prod',
    ]);
  });

  it('takes an earlier revision and a server by its name, and warns of what was not seen to run', async () => {
    await rest.made(STAGING);
    await rest.made({ ...PRODUCTION, image: 'reg/weather:0' });
    await change('weather', { ...STAGING, image: 'reg/weather:2' });
    const to = { to: 'weather-prod', revision: 1 };
    expect((await preview(to)).body.warnings).toMatchObject([
      {
        reason: 'NotSeenRunning',
        message: expect.stringMatching(/Revision 1/),
      },
    ]);
    const { body } = await promote({ ...to, message: 'as it was' });
    await rest.settled(body.operation.id);
    expect((await rest.get('/servers/weather-prod')).body).toMatchObject({
      image: 'reg/weather:1',
      revisionInfo: { message: 'as it was' },
    });
    expect((await promote({ ...to, revision: 9 })).status).toBe(404);
  });

  it('asks for values of secrets that the target does not have', async () => {
    await rest.made(
      { ...STAGING, secrets: ['KEY', 'MORE'] },
      { secretValues: { KEY: '1', MORE: '2' } },
    );
    await rest.made(
      { ...PRODUCTION, secrets: ['KEY'] },
      { secretValues: { KEY: '3' } },
    );
    expect((await preview({ to: 'production' })).body.warnings).toMatchObject([
      {
        reason: 'MissingSecretValues',
        message: expect.stringMatching(/^MORE/),
      },
    ]);
    const without = await promote({ to: 'production' });
    expect([without.status, without.body.error.message]).toEqual([
      400,
      expect.stringContaining('MORE has no value yet'),
    ]);
    const secretValues = { KEY: '3', MORE: '4' };
    const { status, body } = await promote({ to: 'production', secretValues });
    expect(status).toBe(202);
    await rest.settled(body.operation.id);
    expect(rest.world.secrets.get('weather-prod/2')).toEqual(secretValues);
    rest.denied.add('mcp-cloud.server.secrets');
    expect((await promote({ to: 'production', secretValues })).status).toBe(
      403,
    );
  });

  it('says when there is nowhere to go', async () => {
    await rest.made(STAGING);
    await rest.made({ name: 'stranger' });
    for (const to of ['production', 'stranger']) {
      const { status, body } = await promote({ to });
      expect([status, body.error.message]).toEqual([
        404,
        expect.stringContaining('Make it first (POST /servers)'),
      ]);
    }
    expect((await promote({ to: 'staging' })).status).toBe(400);
    await rest.made({ ...PRODUCTION, environment: 'eu' });
    await rest.made({ ...PRODUCTION, name: 'weather-2', environment: 'eu' });
    const { status, body } = await promote({ to: 'eu' });
    expect([status, body.error.message]).toEqual([
      409,
      expect.stringContaining('weather-2, weather-prod'),
    ]);
    expect((await promote({})).status).toBe(400);
  });

  it('says when the two do not fit together', async () => {
    await rest.made({
      ...STAGING,
      command: ['node'],
      bridge: { mode: 'baked' },
      volumes: { cache: { path: '/data', emptyDir: { size: '1Gi' } } },
    });
    await rest.made({ ...PRODUCTION, files: { '/data': 'x' } });
    const { status, body } = await promote({ to: 'production' });
    expect([status, body.error.message]).toEqual([
      400,
      expect.stringMatching(/does not fit.*Change "weather-prod" first/),
    ]);
  });

  it('is for those who may see the one and change the other', async () => {
    await rest.made(STAGING);
    await rest.made({ ...PRODUCTION, owner: ANN });
    const bobs = { ...PRODUCTION, name: 'bobs', environment: 'b', owner: BOB };
    expect((await rest.post({ spec: spec(bobs) }, bob)).status).toBe(202);
    for (const ask of [promote, preview]) {
      // Bob sees no server but his own, and changes none but that.
      expect((await ask({ to: 'bobs' }, bob)).status).toBe(403);
    }
    const fromBob = await rest.send(
      'post',
      '/servers/bobs/promote',
      { to: 'production' },
      bob,
    );
    expect(fromBob.status).toBe(403);
    rest.denied.add('mcp-cloud.server.update');
    expect((await promote({ to: 'production' })).status).toBe(403);
    expect((await preview({ to: 'production' })).status).toBe(403);
    rest.denied.clear();
    expect((await promote({ to: 'production' })).status).toBe(202);
  });
});
