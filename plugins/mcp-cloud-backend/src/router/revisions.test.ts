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

describe('revisions, rollback and operations over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  /** A server with three revisions. */
  async function threeRevisions() {
    await rest.made({ env: { CITY: 'Bern' } }, { message: 'first' });
    for (const [image, env] of [
      ['reg/weather:2', { CITY: 'Bern', UNIT: 'K' }],
      ['reg/weather:3', { CITY: 'Rome' }],
    ] as const) {
      const { body } = await rest.put('weather', '*', {
        spec: spec({ image, env }),
      });
      await rest.settled(body.operation.id);
    }
  }

  it('lists, shows and compares revisions', async () => {
    await threeRevisions();
    const { body: list } = await rest.get('/servers/weather/revisions');
    expect(list.items).toMatchObject([
      { number: 3, newest: true, good: true, origin: 'update' },
      { number: 2, newest: false, good: false, image: 'reg/weather:2' },
      { number: 1, author: ANN, message: 'first', origin: 'create' },
    ]);
    expect((await rest.get('/servers/weather/revisions/2')).body).toMatchObject(
      { number: 2, spec: { env: { CITY: 'Bern', UNIT: 'K' } } },
    );

    const { body: diff } = await rest.get('/servers/weather/revisions/3/diff');
    expect(diff).toMatchObject({
      from: 2,
      to: 3,
      spec: [
        { path: 'env.CITY', before: 'Bern', after: 'Rome' },
        { path: 'env.UNIT', before: 'K' },
        { path: 'image', before: 'reg/weather:2', after: 'reg/weather:3' },
      ],
      objects: [{ kind: 'Deployment', name: 'mcp-weather', change: 'changed' }],
    });
    expect(
      (await rest.get('/servers/weather/revisions/1/diff?against=3')).body,
    ).toMatchObject({ from: 3, to: 1 });
    for (const path of ['9', '9/diff', '3/diff?against=9']) {
      expect(
        (await rest.get(`/servers/weather/revisions/${path}`)).status,
      ).toBe(404);
    }
    for (const path of ['0', 'x', '3/diff?against=x']) {
      expect(
        (await rest.get(`/servers/weather/revisions/${path}`)).status,
      ).toBe(400);
    }
  });

  it('labels a revision and rolls back to it', async () => {
    await threeRevisions();
    const label = (body: object) =>
      rest.send('put', '/servers/weather/revisions/1/label', body);
    expect((await label({ label: 'stable' })).status).toBe(204);
    expect((await label({ label: 'No Label' })).status).toBe(400);
    expect((await rest.get('/servers/weather/revisions/1')).body.label).toBe(
      'stable',
    );

    const { status, body } = await rest.send(
      'post',
      '/servers/weather/rollback',
      { revision: 1, message: 'back' },
    );
    expect([status, body.operation.kind, body.operation.revision]).toEqual([
      202,
      'rollback',
      4,
    ]);
    await rest.settled(body.operation.id);
    expect((await rest.get('/servers/weather')).body).toMatchObject({
      image: 'reg/weather:1',
      revision: 4,
      revisionInfo: { message: 'back' },
    });
    expect(
      (await rest.send('post', '/servers/weather/rollback', { revision: 4 }))
        .status,
    ).toBe(409);
    expect((await rest.audited()).slice(-3)).toMatchObject([
      { event: 'revision-label', outcome: 'succeeded', principal: ANN },
      { event: 'server-rollback', outcome: 'succeeded', principal: ANN },
      { event: 'server-rollback', outcome: 'failed', principal: ANN },
    ]);
  });

  it('needs the right to update, and membership where the owner changes', async () => {
    await rest.made();
    const { body } = await rest.put('weather', '*', {
      spec: spec({ owner: ANN }),
    });
    await rest.settled(body.operation.id);
    const rollback = (as: string) =>
      rest.send('post', '/servers/weather/rollback', { revision: 1 }, as);
    expect((await rollback(bob)).status).toBe(403);
    expect((await rest.get('/servers/weather/revisions', bob)).status).toBe(
      403,
    );
    expect(
      (
        await rest.send(
          'put',
          '/servers/weather/revisions/1/label',
          { label: 'x' },
          bob,
        )
      ).status,
    ).toBe(403);
    rest.denied.add('mcp-cloud.server.update');
    expect((await rollback(ann)).status).toBe(403);
  });

  it('cancels an operation for whoever may ask for one', async () => {
    await rest.made();
    rest.world.statuses.set('weather', { state: 'Deploying' });
    const { body } = await rest.put('weather', '*', {
      spec: spec({ image: 'reg/weather:2' }),
    });
    const cancel = (as = ann) =>
      rest.send('post', `/operations/${body.operation.id}/cancel`, {}, as);
    expect((await cancel(bob)).status).toBe(403);
    expect((await cancel()).status).toBe(202);
    expect(await rest.settled(body.operation.id)).toMatchObject({
      state: 'cancelled',
      error: { reason: 'Cancelled' },
    });
    rest.world.statuses.clear();
    expect((await cancel()).status).toBe(409);
    expect((await rest.send('post', '/operations/none/cancel')).status).toBe(
      404,
    );
  });

  describe('Idempotency-Key', () => {
    const create = (key: string, body: object, as = ann) =>
      rest.post(body, as).set('Idempotency-Key', key);

    it('gives the same request the same operation, also when both come at once', async () => {
      const body = {
        spec: spec({ secrets: ['KEY'] }),
        secretValues: { KEY: 'hush' },
      };
      const [one, two] = await Promise.all([
        create('k1', body),
        create('k1', body),
      ]);
      const again = await create('k1', body);
      expect(again.status).toBe(202);
      const ids = [one, two, again].map(answer => answer.body.operation?.id);
      expect(new Set(ids).size).toBe(1);
      await rest.settled(ids[0]);
      expect(await rest.knex('operations').select()).toHaveLength(1);
      expect(JSON.stringify(await rest.knex('idempotency_keys'))).not.toContain(
        'hush',
      );
    });

    it('is refused for another request, is each caller’s own, and ends after a day', async () => {
      await create('k1', { spec: spec() });
      const other = await create('k1', { spec: spec({ name: 'other' }) });
      expect([other.status, other.body.error.message]).toEqual([
        409,
        expect.stringContaining('used for another request'),
      ]);
      const ofBob = await create(
        'k1',
        { spec: spec({ name: 'bobs', owner: BOB }) },
        bob,
      );
      expect(ofBob.status).toBe(202);
      await rest
        .knex('idempotency_keys')
        .update({ created_at: '2020-01-01T00:00:00.000Z' });
      const later = await create('k1', { spec: spec({ name: 'other' }) });
      expect(later.status).toBe(202);
      const long = await create('k'.repeat(256), { spec: spec() });
      expect(long.status).toBe(400);
    });

    it('answers a repeated deletion when the server is gone', async () => {
      await rest.made();
      const remove = () =>
        rest
          .send('delete', '/servers/weather')
          .set('Idempotency-Key', 'k-delete');
      const { body } = await remove();
      await rest.settled(body.operation.id);
      expect((await remove()).body.operation).toMatchObject({
        id: body.operation.id,
        state: 'succeeded',
      });
    });
  });
});
