import { spec, testRest, type TestRest } from '../__testUtils__/testRest';
import { KubeApiError } from '../clusters/KubeApiError';

jest.setTimeout(30_000);

describe('servers that are reached from outside, over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest({
      rules: {
        hosts: [{ pattern: '*.example.com' }],
        exposure: { ingress: {}, gateway: { name: 'public' } },
      },
    });
  });
  afterEach(() => rest.stop());

  const at = (host: string, extra: object = {}) =>
    spec({ exposure: { via: 'ingress', host }, ...extra });
  const put = (name: string, body: object) =>
    rest.put(name, '*', { spec: body });

  it('have an address of their own, until they give it up', async () => {
    await rest.made(at('a.example.com'));
    const other = { name: 'climate' };
    const taken = await rest.post({ spec: at('a.example.com', other) });
    expect([taken.status, taken.body.error.message]).toEqual([
      409,
      expect.stringContaining('reached at a.example.com/ already'),
    ]);
    expect((await rest.get('/servers/climate')).status).toBe(404);
    await rest.made(at('b.example.com', other));
    const moved = await put('climate', at('a.example.com', other));
    expect([moved.status, moved.body.error.message]).toEqual([
      409,
      expect.stringContaining('Choose another host'),
    ]);
    const { body } = await put('weather', spec());
    await rest.settled(body.operation.id);
    const freed = await put('climate', at('a.example.com', other));
    expect(freed.status).toBe(202);
    await rest.settled(freed.body.operation.id);
    // The way back leads to an address that is another's by now.
    expect(
      (await rest.send('post', '/servers/weather/rollback', { revision: 1 }))
        .status,
    ).toBe(409);
    const gone = await rest.send('delete', '/servers/climate');
    await rest.settled(gone.body.operation.id);
    expect((await put('weather', at('a.example.com'))).status).toBe(202);
  });

  it('need an API for it in their cluster', async () => {
    rest.world.cluster.api.json = async () => {
      throw new KubeApiError('not found', 404, 'NotFound');
    };
    const exposure = { via: 'httpRoute', host: 'a.example.com' };
    const { status, body } = await rest.post({ spec: spec({ exposure }) });
    expect([status, body.error.message]).toEqual([
      422,
      expect.stringMatching(/cluster local has no HTTPRoutes/),
    ]);
  });
});
