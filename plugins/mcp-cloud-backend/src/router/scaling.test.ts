import { spec, testRest, type TestRest } from '../__testUtils__/testRest';

jest.setTimeout(30_000);

describe('servers that are scaled by load, over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  const scaling = { min: 2, max: 10, targets: { memory: 70 } };
  const scale = () =>
    rest.send('post', '/servers/weather/scale', { replicas: 3 });

  it('take no fixed number until scaling is taken out again', async () => {
    await rest.made({ scaling });
    expect((await rest.get('/servers/weather')).body.spec.scaling).toEqual(
      scaling,
    );
    const refused = await scale();
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toMatch(/scaled by load.*scaling/);
    const { body } = await rest.put('weather', '*', { spec: spec() });
    await rest.settled(body.operation.id);
    expect((await scale()).status).toBe(202);
  });

  it('cannot be scaled by sessions yet', async () => {
    const targets = { sessions: 20 };
    const { status, body } = await rest.post({
      spec: spec({ scaling: { ...scaling, targets } }),
    });
    expect(status).toBe(422);
    expect(body.error.message).toMatch(/scaling\.targets\.sessions/);
  });
});
