import { ANN, spec, testRest, type TestRest } from '../__testUtils__/testRest';
import { ServerNamespaces } from '../clusters/ServerNamespaces';

jest.setTimeout(30_000);

describe('servers of owners with a namespace each, over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  const separate = () =>
    Object.assign(rest.world.cluster, {
      namespaces: new ServerNamespaces('mcp', {
        prefix: 'mcp-owner-',
        clusterRole: 'mcp-cloud-servers',
        quota: {},
        limitRange: {},
        defaultDeny: true,
      }),
    });
  const placeOf = async (name: string) =>
    (await rest.get(`/servers/${name}`)).body.namespace;
  const change = (name: string, owner: string) =>
    rest.put(name, '*', { spec: spec({ name, owner }) });

  it('live apart', async () => {
    separate();
    await rest.made(spec());
    await rest.made(spec({ name: 'climate' }));
    await rest.made(spec({ name: 'news', owner: ANN }));
    expect(await placeOf('weather')).toMatch(/^mcp-owner-a-/);
    expect(await placeOf('climate')).toBe(await placeOf('weather'));
    expect(await placeOf('news')).toMatch(/^mcp-owner-ann-/);
    const [cluster] = (await rest.get('/clusters')).body.items;
    expect(cluster).toMatchObject({ namespacePrefix: 'mcp-owner-' });
    expect(cluster.namespace).toBeUndefined();
  });

  it('keep their owner', async () => {
    separate();
    await rest.made(spec());
    const { status, body } = await change('weather', ANN);
    expect([status, body.error.message]).toEqual([
      400,
      expect.stringMatching(
        /^spec\.owner: A server stays in the namespace of its owner \("group:default\/a"\).* make a new server/,
      ),
    ]);
    const preview = await rest.send('post', '/servers/weather/preview', {
      action: 'update',
      spec: spec({ owner: ANN }),
    });
    expect(preview.status).toBe(400);
    expect((await change('weather', 'a')).status).toBe(202);
  });

  it('may change owners where they share one, and stay there', async () => {
    await rest.made(spec());
    separate();
    const { status, body } = await change('weather', ANN);
    expect(status).toBe(202);
    await rest.settled(body.operation.id);
    expect(await placeOf('weather')).toBe('mcp');
  });
});
