import { mockCredentials } from '@backstage/backend-test-utils';
import { serverLogsPermission } from '@mcp-cloud/plugin-mcp-cloud-common';
import request from 'supertest';
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

describe('the REST interface', () => {
  let rest: TestRest;
  let world: TestRest['world'];
  let knex: TestRest['knex'];
  let app: TestRest['app'];
  let denied: TestRest['denied'];
  const at: TestRest['at'] = (...args) => rest.at(...args);
  const get: TestRest['get'] = (...args) => rest.get(...args);
  const post: TestRest['post'] = (...args) => rest.post(...args);
  const put: TestRest['put'] = (...args) => rest.put(...args);
  const settled: TestRest['settled'] = (...args) => rest.settled(...args);
  const made: TestRest['made'] = (...args) => rest.made(...args);
  const audited: TestRest['audited'] = () => rest.audited();

  beforeEach(async () => {
    rest = await testRest();
    ({ world, knex, app, denied } = rest);
  });
  afterEach(() => rest.stop());

  it('makes, shows and lists a server', async () => {
    const operation = await made(
      { application: 'sky', owner: 'A' },
      { replicas: 2, message: 'first' },
    );
    expect(operation).toMatchObject({
      kind: 'deploy',
      state: 'succeeded',
      revision: 1,
      principal: ANN,
    });
    const { body: server } = await get('/servers/weather');
    expect(server).toMatchObject({
      name: 'weather',
      application: 'sky',
      environment: 'default',
      owner: 'group:default/a',
      cluster: 'local',
      namespace: 'mcp',
      runState: 'running',
      replicas: 2,
      revision: 1,
      createdBy: ANN,
      status: { state: 'Running' },
      operation: { kind: 'deploy' },
      allowed: [
        'read',
        'update',
        'delete',
        'operate',
        'logs',
        'secrets',
        'call',
      ],
      spec: { image: 'reg/weather:1', bridge: { mode: 'baked' } },
      revisionInfo: { author: ANN, message: 'first' },
      endpoints: {
        portal: 'http://portal/api/mcp-cloud/servers/weather/mcp',
        service: 'http://mcp-weather.mcp.svc:8080/mcp',
      },
      capabilities: { tools: [{ name: 'echo' }] },
    });
    for (const path of [
      'status',
      'pods',
      'events',
      'metrics',
      'capabilities',
      'operations',
      'status?after=7',
    ]) {
      expect((await get(`/servers/weather/${path}`)).status).toBe(200);
    }
    expect((await get('/operations')).body.items).toHaveLength(1);
    expect((await get('/clusters')).body.items).toEqual([
      {
        name: 'local',
        title: 'Local',
        namespace: 'mcp',
        state: 'ok',
        since: '1970-01-01T00:00:00.000Z',
      },
    ]);
    expect((await request(app).get(at('/health'))).body).toEqual({
      status: 'ok',
    });
    expect(await audited()).toMatchObject([
      {
        event: 'server-create',
        outcome: 'succeeded',
        principal: ANN,
        server_name: 'weather',
        operation_id: operation.id,
      },
    ]);
  });

  it('lists with filters, search, sort and cursor, and only what the caller may see', async () => {
    for (const name of ['alpha', 'beta', 'gamma']) {
      await made({ name, application: name === 'beta' ? 'one' : 'two' });
    }
    await settled(
      (
        await post({ spec: spec({ name: 'delta', owner: 'b' }) }, bob)
      ).body.operation.id,
    );
    await settled(
      (
        await request(app)
          .post(at('/servers/gamma/stop'))
          .set('Authorization', ann)
      ).body.operation.id,
    );

    const names = async (query: string, as = ann) =>
      (await get(`/servers?${query}`, as)).body.items.map(
        (server: { name: string }) => server.name,
      );
    expect(await names('')).toEqual(['alpha', 'beta', 'delta', 'gamma']);
    expect(await names('sort=-name&limit=2')).toEqual(['gamma', 'delta']);
    expect(await names('owner=a')).toEqual(['alpha', 'beta', 'gamma']);
    expect(await names('owner=a&owner=group:default/b')).toHaveLength(4);
    expect(await names('application=two')).toEqual(['alpha', 'gamma']);
    expect(await names('state=Stopped')).toEqual(['gamma']);
    expect(await names('q=ALPH')).toEqual(['alpha']);
    expect(await names('q=%25')).toEqual([]);
    expect(await names('cluster=elsewhere')).toEqual([]);
    expect(await names('', bob)).toEqual(['delta']);

    const first = (await get('/servers?limit=3')).body;
    expect(first).toMatchObject({
      total: 4,
      counts: { Running: 3, Stopped: 1 },
      nextCursor: expect.any(String),
    });
    const second = (await get(`/servers?limit=3&cursor=${first.nextCursor}`))
      .body;
    expect(second.items).toMatchObject([{ name: 'gamma' }]);
    expect(second.nextCursor).toBeUndefined();
    expect(
      (await get(`/servers?sort=owner&cursor=${first.nextCursor}`)).status,
    ).toBe(400);
    expect((await get('/servers?limit=0')).status).toBe(400);
    expect((await get('/operations', bob)).body.items).toHaveLength(1);
  });

  it('changes by a new revision, from the state that was read', async () => {
    await made();
    const { etag } = (await get('/servers/weather')).body;
    const body = { spec: spec({ image: 'reg/weather:2' }) };
    expect(
      (
        await request(app)
          .put(at('/servers/weather'))
          .set('Authorization', ann)
          .send(body)
      ).status,
    ).toBe(428);
    const { status, body: answer } = await put('weather', etag, body);
    expect([status, answer.operation.revision]).toEqual([202, 2]);
    await settled(answer.operation.id);
    const stale = await put('weather', etag, body);
    expect([stale.status, stale.body.error.message]).toEqual([
      412,
      expect.stringContaining('was changed'),
    ]);
    expect((await get('/servers/weather')).body).toMatchObject({
      revision: 2,
      image: 'reg/weather:2',
    });

    const moved = await put('weather', '*', {
      spec: spec({ name: 'other', application: 'x', cluster: 'far' }),
    });
    expect(moved.status).toBe(400);
    expect(moved.body.error.message).toMatch(
      /spec.name.*make a new server.*spec.application.*spec.cluster.*Move it/,
    );
  });

  it('keeps secrets out of every answer, and wants all of them or none', async () => {
    const missing = await post({
      spec: spec({ secrets: ['A', 'B'] }),
      secretValues: { A: 'hush-1' },
    });
    expect([missing.status, missing.body.error.message]).toEqual([
      400,
      expect.stringContaining('secretValues.B'),
    ]);
    const strange = await post({
      spec: spec({ secrets: [] }),
      secretValues: { A: 'hush-1' },
    });
    expect(strange.status).toBe(400);

    await made(
      { secrets: ['A', 'B'] },
      { secretValues: { A: 'hush-1', B: 'hush-2' } },
    );
    expect(
      (await put('weather', '*', { spec: spec({ secrets: ['A'] }) })).status,
    ).toBe(202);
    const extra = await put('weather', '*', {
      spec: spec({ secrets: ['A', 'C'] }),
    });
    expect([extra.status, extra.body.error.message]).toEqual([
      400,
      expect.stringContaining('C has no value yet'),
    ]);
    const given = await put('weather', '*', {
      spec: spec({ secrets: ['A', 'C'] }),
      secretValues: { A: '1', C: '2' },
    });
    await settled(given.body.operation.id);
    expect([...world.secrets.keys()]).toEqual(['weather/1', 'weather/2']);
    const dump = JSON.stringify([
      (await get('/servers/weather')).body,
      await knex('revisions').select(),
      await knex('secret_versions').select(),
      await audited(),
    ]);
    expect(dump).not.toContain('hush');

    world.health = {
      state: 'unreachable',
      reason: 'It is away.',
      since: new Date(),
    };
    const away = await post({
      spec: spec({ name: 'other', secrets: ['A'] }),
      secretValues: { A: '1' },
    });
    expect([away.status, away.body.error.message]).toEqual([
      503,
      expect.stringContaining('It is away.'),
    ]);
    world.health = { state: 'ok', since: new Date() };
    world.before = act => {
      if (act === 'put') {
        throw new Error('quota');
      }
    };
    expect(
      (
        await post({
          spec: spec({ name: 'other', secrets: ['A'] }),
          secretValues: { A: '1' },
        })
      ).status,
    ).toBe(503);
    expect(
      await knex('secret_versions').where({ server_name: 'other' }),
    ).toEqual([]);
    expect((await get('/servers/other')).status).toBe(404);
  });

  it('operates, and refuses what does not fit', async () => {
    await made();
    const act = async (action: string, body?: object) =>
      (
        await request(app)
          .post(at(`/servers/weather/${action}`))
          .set('Authorization', ann)
          .send(body)
      ).body.operation;
    expect(
      await settled((await act('scale', { replicas: 3 })).id),
    ).toMatchObject({ kind: 'scale', replicas: 3 });
    expect(await settled((await act('restart')).id)).toMatchObject({
      state: 'succeeded',
    });
    expect(await settled((await act('stop')).id)).toMatchObject({
      state: 'succeeded',
    });
    const restart = await request(app)
      .post(at('/servers/weather/restart'))
      .set('Authorization', ann);
    expect([restart.status, restart.body.error.message]).toEqual([
      409,
      '"weather" is stopped. Start it instead.',
    ]);
    expect(await settled((await act('start')).id)).toMatchObject({
      state: 'succeeded',
    });

    world.before = async name => {
      if (name === 'remove') {
        await new Promise(resolve => setTimeout(resolve, 300));
      }
    };
    const deletion = await request(app)
      .delete(at('/servers/weather'))
      .set('Authorization', ann);
    expect(deletion.status).toBe(202);
    expect((await post({ spec: spec() })).status).toBe(409);
    expect(
      (
        await request(app)
          .delete(at('/servers/weather'))
          .set('Authorization', ann)
      ).status,
    ).toBe(409);
    await settled(deletion.body.operation.id);
    expect((await get('/servers/weather')).status).toBe(404);
    expect(
      (await get(`/operations/${deletion.body.operation.id}`)).body.state,
    ).toBe('succeeded');
    await made();
  });

  describe('bad input', () => {
    it.each<[string, object, number, RegExp]>([
      [
        'a bad image name',
        { spec: spec({ image: 'Not An Image' }) },
        400,
        /spec\.image: This is not an image reference/,
      ],
      [
        'a name of 60 characters',
        { spec: spec({ name: 'a'.repeat(60) }) },
        400,
        /spec\.name: .*at most 40 .* has 60/,
      ],
      [
        'a name with --',
        { spec: spec({ name: 'a--b' }) },
        400,
        /spec\.name: .*"--"/,
      ],
      [
        'replicas -1',
        { spec: spec(), replicas: -1 },
        400,
        /replicas: .*at least 1/,
      ],
      [
        'replicas 1.5',
        { spec: spec(), replicas: 1.5 },
        400,
        /replicas: .*whole number/,
      ],
      [
        'replicas 10001',
        { spec: spec(), replicas: 10_001 },
        400,
        /replicas: .*at most 10,000/,
      ],
      [
        'an unknown cluster',
        { spec: spec({ cluster: 'moon' }) },
        400,
        /no cluster moon.*local/,
      ],
      [
        'an unknown field',
        { spec: spec({ colour: 'red' }) },
        400,
        /spec: There is no such field: "colour"/,
      ],
      [
        'a value of 2 MB',
        { spec: spec({ env: { A: 'x'.repeat(2e6) } }) },
        400,
        /spec\.env\.A: .*at most 32,768/,
      ],
      [
        'a missing owner',
        { spec: spec({ owner: undefined }) },
        400,
        /spec\.owner: This field is missing/,
      ],
      [
        'a foreign owner',
        { spec: spec({ owner: 'b' }) },
        403,
        /do not belong to group:default\/b.*group:default\/a/,
      ],
      [
        'a bridge beside the image',
        { spec: spec({ bridge: { mode: 'sidecar' }, command: ['x'] }) },
        422,
        /bridge\.mode: .*mcpCloud\.images\.bridgeImage/,
      ],
      [
        'open to everybody',
        { spec: spec({ auth: 'none' }) },
        422,
        /auth: .*allowAuthNone/,
      ],
    ])('%s', async (_, body, status, message) => {
      const answer = await post(body);
      expect([answer.status, answer.body.error?.message]).toEqual([
        status,
        expect.stringMatching(message),
      ]);
      expect((await get('/servers')).body.total).toBe(0);
    });

    it('all problems at once', async () => {
      const { body } = await post({
        spec: spec({ name: 'A', image: '?' }),
        replicas: 0,
      });
      expect(body.error.message).toMatch(
        /spec\.name: .*spec\.image: .*replicas: /,
      );
    });

    it('a name that is taken', async () => {
      await made();
      const answer = await post({ spec: spec() });
      expect([answer.status, answer.body.error.message]).toEqual([
        409,
        expect.stringContaining('Choose another name'),
      ]);
    });

    it('a body of 50 MB, and one that is not JSON', async () => {
      const big = await request(app)
        .post(at('/servers'))
        .set('Authorization', ann)
        .set('Content-Type', 'application/json')
        .send(`{"spec":"${'x'.repeat(50e6)}"}`);
      expect([big.status, big.body.error.message]).toEqual([
        413,
        expect.stringContaining('at most 5 MB'),
      ]);
      const broken = await request(app)
        .post(at('/servers'))
        .set('Authorization', ann)
        .set('Content-Type', 'application/json')
        .send('{"spec":');
      expect([broken.status, broken.body.error.message]).toEqual([
        400,
        'The body is not JSON.',
      ]);
    });

    it('something that is not there', async () => {
      for (const path of [
        '/servers/none',
        '/servers/none/pods',
        '/servers/none/logs',
        '/operations/none',
        '/nowhere',
      ]) {
        expect((await get(path)).status).toBe(404);
      }
    });
  });

  describe('rights', () => {
    it('no token is a 401', async () => {
      const none = mockCredentials.none.header();
      expect((await get('/servers', none)).status).toBe(401);
      expect((await get('/servers/weather', none)).status).toBe(401);
      expect((await post({ spec: spec() }, none)).status).toBe(401);
    });

    it('a refusal is a 403 and is remembered', async () => {
      await made();
      const refused = await get('/servers/weather', bob);
      expect([refused.status, refused.body.error.message]).toEqual([
        403,
        'You may not see the server "weather".',
      ]);
      expect(
        (
          await request(app)
            .delete(at('/servers/weather'))
            .set('Authorization', bob)
        ).status,
      ).toBe(403);
      denied.add('mcp-cloud.server.create');
      expect((await post({ spec: spec({ name: 'other' }) })).status).toBe(403);
      denied.add(serverLogsPermission.name);
      expect((await get('/servers/weather/logs')).status).toBe(403);
      expect((await get('/servers/weather')).body.allowed).not.toContain(
        'logs',
      );

      expect((await audited()).slice(1)).toMatchObject([
        {
          event: 'server-get',
          outcome: 'refused',
          principal: BOB,
          server_name: 'weather',
        },
        { event: 'server-delete', outcome: 'refused', principal: BOB },
        {
          event: 'server-create',
          outcome: 'refused',
          principal: ANN,
          server_name: 'other',
        },
        { event: 'server-logs', outcome: 'refused', principal: ANN },
      ]);
      expect(rest.auditor.createEvent).toHaveBeenCalledWith(
        expect.objectContaining({
          eventId: 'server-delete',
          meta: expect.objectContaining({ principal: BOB }),
        }),
      );
    });

    it('setting secrets needs a right of its own, giving a server away needs membership', async () => {
      await made({ secrets: ['A'] }, { secretValues: { A: '1' } });
      denied.add('mcp-cloud.server.secrets');
      const change = {
        spec: spec({ secrets: ['A'] }),
        secretValues: { A: '2' },
      };
      expect((await put('weather', '*', change)).status).toBe(403);
      expect(
        (
          await put('weather', '*', {
            spec: spec({ secrets: ['A'], owner: 'b' }),
          })
        ).status,
      ).toBe(403);
      expect(
        (
          await put('weather', '*', {
            spec: spec({ secrets: ['A'], owner: ANN }),
          })
        ).status,
      ).toBe(202);
    });
  });

  describe('the way to a server', () => {
    const call = (name: string, authorization?: string) => {
      const asked = request(app).post(at(`/servers/${name}/mcp`));
      return (
        authorization ? asked.set('Authorization', authorization) : asked
      ).send({ jsonrpc: '2.0' });
    };

    it('is open to Backstage tokens and to tokens of this server, with the body as it came', async () => {
      await made();
      const { id } = (await get('/servers/weather')).body;
      expect((await call('weather', ann)).body).toEqual({
        server: id,
        subject: ANN,
        body: '{"jsonrpc":"2.0"}',
      });

      const { status, body } = await request(app)
        .post(at('/servers/weather/tokens'))
        .set('Authorization', ann)
        .send({});
      expect([status, typeof body.expiresAt]).toEqual([201, 'string']);
      expect(
        (await call('weather', `Bearer ${body.token}`)).body,
      ).toMatchObject({ subject: ANN });

      expect(
        (
          await request(app)
            .delete(at('/servers/weather/tokens'))
            .set('Authorization', ann)
        ).status,
      ).toBe(202);
      expect((await call('weather', `Bearer ${body.token}`)).status).toBe(401);
      const again = await request(app)
        .post(at('/servers/weather/tokens'))
        .set('Authorization', ann)
        .send({});
      expect((await call('weather', `Bearer ${again.body.token}`)).status).toBe(
        200,
      );
      const long = { expiresInSeconds: 13 * 3600 };
      expect(
        (
          await request(app)
            .post(at('/servers/weather/tokens'))
            .set('Authorization', ann)
            .send(long)
        ).status,
      ).toBe(400);
    });

    it('does not tell who may not come in whether the server exists', async () => {
      await made();
      for (const authorization of [undefined, 'Bearer nonsense']) {
        const [there, nowhere] = [
          await call('weather', authorization),
          await call('nowhere', authorization),
        ];
        expect([there.status, there.headers['www-authenticate']]).toEqual([
          401,
          expect.stringContaining('Bearer'),
        ]);
        const answer = ({ status, body }: typeof there) => [status, body.error];
        expect(answer(nowhere)).toEqual(answer(there));
      }
      expect((await call('nowhere', ann)).status).toBe(404);
      expect((await call('weather', bob)).status).toBe(403);
      expect(
        (await request(app).post(at('/servers/weather/mcp/extra')).send({}))
          .status,
      ).toBe(404);
    });
  });

  describe('logs', () => {
    it('are given at once, or streamed to their end', async () => {
      await made();
      expect((await get('/servers/weather/logs?tailLines=5')).body).toEqual({
        items: [{ pod: 'p', text: 'hello' }],
      });
      expect((await get('/servers/weather/logs?tailLines=-5')).status).toBe(
        400,
      );
      rest.logs.follow = async function* few() {
        yield { pod: 'p', text: 'one' };
        yield { pod: 'p', text: 'two\nlines' };
        throw new Error('the pod is gone');
      };
      const { headers, text } = await get(
        '/servers/weather/logs?follow=true',
      ).set('Accept-Encoding', 'br');
      expect(headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
      });
      expect(text).toBe(
        'event: line\ndata: {"pod":"p","text":"one"}\n\n' +
          'event: line\ndata: {"pod":"p","text":"two\\nlines"}\n\n' +
          'event: error\ndata: {"message":"the pod is gone"}\n\n' +
          'event: end\ndata: {}\n\n',
      );
    });

    it('end at shutdown', async () => {
      await made();
      rest.logs.follow = async function* endless() {
        yield { pod: 'p', text: 'one' };
        await new Promise(() => {});
      };
      const answer = get('/servers/weather/logs?follow=true').then(
        ({ text }) => text,
      );
      setTimeout(() => rest.streams.close(), 300);
      expect(await answer).toMatch(
        /^event: line[^]*event: end\ndata: \{\}\n\n$/,
      );
    });
  });
});
