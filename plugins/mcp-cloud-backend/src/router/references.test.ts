import { spec, testRest, type TestRest } from '../__testUtils__/testRest';

jest.setTimeout(30_000);

describe('references of a Spec, over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  it('reach only what the platform has opened to the owner', async () => {
    rest.world.cluster.api.json = async () =>
      ({
        metadata: { labels: { 'mcp-cloud.io/owner': 'group.default.b' } },
      } as never);
    const theirs = { envFrom: { TOKEN: { secret: 'theirs', key: 'token' } } };
    const words =
      /spec\.envFrom\.TOKEN: .*no Secret theirs for group:default\/a/;
    for (const path of ['/servers', '/servers/preview']) {
      const { status, body } = await rest.send('post', path, {
        spec: spec(theirs),
      });
      expect([status, body.error.message]).toEqual([
        400,
        expect.stringMatching(words),
      ]);
    }
    await rest.made();
    const update = await rest.put('weather', '*', { spec: spec(theirs) });
    expect([update.status, update.body.error.message]).toEqual([
      400,
      expect.stringMatching(words),
    ]);
  });

  it('are looked at by the deploy again, as a label may have gone meanwhile', async () => {
    let owner = 'group.default.a';
    rest.world.before = act => {
      if (act === 'apply') {
        throw new Error('It must not come so far.');
      }
    };
    const envFrom = { TOKEN: { secret: 'mine', key: 'token' } };
    rest.world.cluster.api.json = async () => {
      const labels = { 'mcp-cloud.io/owner': owner };
      owner = 'group.default.b';
      return { metadata: { labels } } as never;
    };
    const { body } = await rest.post({ spec: spec({ envFrom }) });
    expect(await rest.settled(body.operation.id)).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('no Secret mine') },
    });
  });
});
