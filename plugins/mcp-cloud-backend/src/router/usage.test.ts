import { UsageStore } from '../usage/UsageStore';
import { ANN, bob, testRest, type TestRest } from '../__testUtils__/testRest';

jest.setTimeout(30_000);

describe('usage over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  it('tells who called what, and when last in lists, to those who may see the server', async () => {
    const { serverId } = await rest.made();
    const lastCallAt = new Date().toISOString();
    expect((await rest.get('/servers/weather/usage')).body).toMatchObject({
      calls: 0,
      byHour: [],
    });
    await new UsageStore(rest.knex).take(serverId, {
      bootId: 'b',
      usage: [{ principal: ANN, tool: 'echo', calls: 3, lastCallAt }],
    });
    expect((await rest.get('/servers/weather/usage')).body).toMatchObject({
      calls: 3,
      lastCallAt,
      byPrincipal: [{ principal: ANN, calls: 3 }],
      byTool: [{ tool: 'echo', calls: 3, lastCallAt }],
    });
    expect((await rest.get('/servers/weather')).body).toMatchObject({
      lastCallAt,
    });
    expect((await rest.get('/servers')).body.items[0]).toMatchObject({
      lastCallAt,
    });
    expect((await rest.get('/servers/weather/usage', bob)).status).toBe(403);
    expect((await rest.get('/servers/weather/usage?hours=0')).status).toBe(400);
  });
});
