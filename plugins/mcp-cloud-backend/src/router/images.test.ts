import type { KubeObject } from '../clusters/types';
import { HttpImageRegistries } from '../images/HttpImageRegistries';
import { renderManifests } from '../manifests/renderManifests';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { spec, testRest, type TestRest } from '../__testUtils__/testRest';
import { testRegistry, type TestRegistry } from '../__testUtils__/testRegistry';

jest.setTimeout(30_000);

const BRIDGE = { Labels: { 'io.mcp-cloud.bridge': '0.1.0' } };

describe('images of registries over REST', () => {
  let registry: TestRegistry;
  let rest: TestRest;
  beforeEach(async () => {
    registry = await testRegistry();
    rest = await testRest({
      rules: { bridgeImage: 'r/bridge:1' },
      services: {
        registries: new HttpImageRegistries([registry.settings], 5_000),
        render: async input => renderManifests(input, examplePlatform),
      },
    });
  });
  afterEach(async () => {
    await rest.stop();
    await registry.stop();
  });

  const image = (tag: string) => `${registry.host}/weather:${tag}`;
  const pinned = (digest: string) => `${registry.host}/weather@${digest}`;
  const applied = async () => {
    const { body } = await rest.get('/servers/weather/manifests');
    const deployment = body.items.find(
      ({ kind }: KubeObject) => kind === 'Deployment',
    );
    return deployment.spec.template.spec.containers;
  };
  const update = async (change: object) => {
    const { body } = await rest.put('weather', '*', { spec: spec(change) });
    await rest.settled(body.operation.id);
  };
  const preview = (change: object) =>
    rest.send('post', '/servers/weather/preview', {
      action: 'update',
      spec: spec(change),
    });
  const revisions = async () =>
    (await rest.get('/servers/weather/revisions')).body.items;

  it('run as what the tag stood for, until the next deploy', async () => {
    const first = registry.push('weather', 'stable', { ...BRIDGE, Cmd: ['a'] });
    await rest.made({ image: image('stable') });
    expect((await applied())[0].image).toBe(pinned(first));
    expect((await rest.get('/servers/weather')).body.spec.image).toBe(
      image('stable'),
    );

    const second = registry.push('weather', 'stable', {
      ...BRIDGE,
      Cmd: ['b'],
    });
    const { body } = await rest.send('post', '/servers/weather/restart');
    await rest.settled(body.operation.id);
    expect((await applied())[0].image).toBe(pinned(first));

    const change = { image: image('stable'), env: { A: '1' } };
    expect((await preview(change)).body.warnings).toEqual([
      expect.objectContaining({
        reason: 'ImageMoved',
        message: expect.stringContaining(first.slice(0, 19)),
      }),
    ]);
    await update(change);
    expect((await applied())[0].image).toBe(pinned(second));

    const back = await rest.send('post', '/servers/weather/rollback', {
      revision: 1,
    });
    await rest.settled(back.body.operation.id);
    expect((await applied())[0].image).toBe(pinned(first));
    expect(await revisions()).toMatchObject([
      { number: 3, image: image('stable'), digest: first },
      { number: 2, image: image('stable'), digest: second },
      { number: 1, image: image('stable'), digest: first },
    ]);
  });

  it('stay what they were when the registry does not say', async () => {
    const digest = registry.push('weather', '1', BRIDGE);
    await rest.made({ image: image('1') });
    registry.answerFirst((_, res) => {
      res.writeHead(503).end();
      return true;
    });
    const change = { image: image('1'), env: { A: '1' } };
    expect((await preview(change)).body.warnings).toContainEqual({
      reason: 'ImageNotVerified',
      message: expect.stringMatching(/status 503\. What ran before runs on/),
    });
    await update(change);
    expect((await applied())[0].image).toBe(pinned(digest));

    await update({ image: image('2') });
    expect((await applied())[0].image).toBe(image('2'));
    const [newest] = await revisions();
    expect(newest).not.toHaveProperty('digest');
  });

  it('stay what they were when their tag was removed', async () => {
    const digest = registry.push('weather', '1', BRIDGE);
    await rest.made({ image: image('1') });
    registry.content.clear();
    await update({ image: image('1'), env: { A: '1' } });
    expect((await applied())[0].image).toBe(pinned(digest));
  });

  it('are refused when they are not there', async () => {
    for (const path of ['/servers', '/servers/preview']) {
      const { status, body } = await rest.send('post', path, {
        spec: spec({ image: image('9') }),
      });
      expect([status, body.error.message]).toEqual([
        400,
        expect.stringContaining(`no ${image('9')}. Push it first`),
      ]);
    }
  });

  it('are said to have no bridge before they are deployed', async () => {
    registry.push('weather', '1', { Cmd: ['x'] });
    const { body } = await rest.send('post', '/servers/preview', {
      spec: spec({ image: image('1') }),
    });
    expect(body.warnings).toMatchObject([{ reason: 'NoBridge' }]);
    const beside = await rest.send('post', '/servers/preview', {
      spec: spec({ image: image('1'), bridge: { mode: 'sidecar' } }),
    });
    expect(beside.body.warnings).toEqual([]);
  });

  it('are described to whoever may make servers', async () => {
    const digest = registry.push('weather', '1', { ...BRIDGE, Cmd: ['x'] });
    const get = (ref: string) => rest.get(`/images?ref=${ref}`);
    expect((await get(image('1'))).body).toEqual({
      state: 'found',
      digest,
      command: ['x'],
      bridge: '0.1.0',
    });
    expect((await get(image('9'))).body).toEqual({ state: 'missing' });
    expect((await get('elsewhere.example/x')).body).toEqual({
      state: 'unknown',
      reason: expect.stringContaining('no registry that this portal asks'),
    });
    expect((await get('NO%20image')).status).toBe(400);

    rest.denied.add('mcp-cloud.server.create');
    expect((await get(image('1'))).status).toBe(403);
  });

  it('are not said anything of where no registry is listed', async () => {
    const { body } = await rest.send('post', '/servers/preview', {
      spec: spec({ image: 'elsewhere.example/weather:1' }),
    });
    expect(body.warnings).toEqual([]);
  });

  it('bring their own command and user for a bridge beside them', async () => {
    registry.push('weather', '1', {
      Entrypoint: ['node'],
      Cmd: ['server.js'],
      User: '1000:1000',
    });
    const beside = { image: image('1'), bridge: { mode: 'sidecar' } };
    await rest.made(beside);
    const [server, bridge] = await applied();
    expect(server.securityContext).toMatchObject({ runAsUser: 1000 });
    expect(bridge.args).toEqual(['node', 'server.js']);

    await update({ ...beside, command: ['other'], runAsUser: 7 });
    const [server2, bridge2] = await applied();
    expect(server2.securityContext).toMatchObject({ runAsUser: 7 });
    expect(bridge2.args).toEqual(['other']);
  });

  it.each([
    ['elsewhere.example/weather:1', /no registry that this portal asks/],
    ['HOST/weather:9', /no .*weather:9/],
    ['HOST/weather:1', /the image has no command of its own/],
  ])(
    'need a command beside a bridge when it is not known: %s',
    async (name, message) => {
      registry.push('weather', '1', {});
      const { status, body } = await rest.post({
        spec: spec({
          image: name.replace('HOST', registry.host),
          bridge: { mode: 'sidecar' },
        }),
      });
      expect(status).toBe(400);
      expect(body.error.message).toMatch(message);
    },
  );
});
