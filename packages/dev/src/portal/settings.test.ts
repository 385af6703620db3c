import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseEnvironment, portalEnvironment, portsFrom } from './settings';
import { stateDir } from './stateDir';

const root = join(__dirname, '..', '..', '..', '..');

describe('the environment of the portal', () => {
  const state = stateDir('two', { MCP_CLOUD_STATE: '/state' });
  const options: Parameters<typeof portalEnvironment>[0] = {
    ports: portsFrom(7100),
    state,
    secrets: { session: 's', oidc: 'o', keys: 'k' },
    cluster: {
      kind: 'embedded',
      name: 'two',
      title: 'Two',
      kubeconfig: '/admin',
      registry: '127.0.0.1:5001/mcp',
      startedByUs: true,
    },
    access: {
      url: 'https://c',
      ca: 'ca',
      backendToken: 'b',
      readerToken: 't',
      madeNamespaces: [],
    },
    namespace: 'mcp-servers',
    images: {
      bridge: { ref: 'r/bridge:1', stable: 'r/bridge:s', built: false },
      builder: { ref: 'r/builder:1', stable: 'r/builder:s', built: false },
    },
  };
  const environment = portalEnvironment(options);

  it('gives app-config.yaml every value that it asks for, and no other', () => {
    const asked = readFileSync(join(root, 'app-config.yaml'), 'utf8')
      .split('\n')
      .filter(line => !line.trimStart().startsWith('#'))
      .flatMap(line =>
        [...line.matchAll(/\$\{([A-Z_]+)\}/g)].map(match => match[1]),
      );
    // The pages' folder is known only once they are built.
    const given = [
      ...Object.keys(environment).filter(name => !name.startsWith('APP_')),
      'MCP_CLOUD_APP_PACKAGE',
    ];
    expect(given.sort()).toEqual([...new Set(asked)].sort());
  });

  it('has images looked up in the registry beside it', () => {
    expect(JSON.parse(environment.APP_CONFIG_mcpCloud_registries)).toEqual([
      { host: '127.0.0.1:5001', insecure: true, privateAddresses: true },
    ]);
  });

  it('offers to expose servers where something leads to them', () => {
    const ingress = { http: 'http://h', https: 'https://h' };
    const cluster = { ...options.cluster, ingress };
    const env = portalEnvironment({ ...options, cluster });
    expect(JSON.parse(env.APP_CONFIG_mcpCloud_servers)).toMatchObject({
      hosts: [{ pattern: '*.dev.localhost' }],
      exposure: { gateway: { name: 'dev', namespace: 'ingress' } },
    });
  });

  it('never holds the administrator’s kubeconfig', () => {
    expect(environment.MCP_CLOUD_KUBECONFIG).toBe(
      '/state/portal-two/backend.kubeconfig',
    );
    expect(Object.values(environment)).not.toContain('/admin');
  });

  it('passes on nothing of a shell but what a program needs to run', () => {
    expect(
      baseEnvironment({
        PATH: '/bin',
        KUBECONFIG: '/mine',
        AWS_SECRET_ACCESS_KEY: 'x',
      }),
    ).toEqual({ PATH: '/bin' });
  });
});

describe('stateDir', () => {
  it('keeps portals of different names apart', () => {
    const paths = ['dev', 'test'].map(name =>
      stateDir(name, { MCP_CLOUD_STATE: '/state' }),
    );
    expect(paths.map(one => one.path)).toEqual([
      '/state/portal',
      '/state/portal-test',
    ]);
    expect(paths[0].lock).not.toBe(paths[1].lock);
  });
});
