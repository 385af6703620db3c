import {
  apiEntityV1alpha1Validator,
  componentEntityV1alpha1Validator,
  type Entity,
} from '@backstage/catalog-model';
import { parse } from 'yaml';
import type { CatalogedServer } from './ServerSource';
import { cataloged } from './testServers';
import { toEntities } from './toEntities';

const one = (servers: CatalogedServer[], kind: string): Entity => {
  const found = toEntities(servers).filter(entity => entity.kind === kind);
  expect(found).toHaveLength(1);
  return found[0];
};

describe('toEntities', () => {
  const server = cataloged({
    name: 'tools',
    system: 'system:default/platform',
  });

  it('makes a component that provides an API', () => {
    expect(one([server], 'Component')).toEqual({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: {
        name: 'tools',
        description: 'Counts words.',
        tags: ['mcp'],
        annotations: {
          'backstage.io/managed-by-location': 'mcp-cloud:servers',
          'backstage.io/managed-by-origin-location': 'mcp-cloud:servers',
          'mcp-cloud.io/application': 'tools',
          'backstage.io/kubernetes-id': 'tools',
          'backstage.io/kubernetes-namespace': 'mcp',
        },
      },
      spec: {
        type: 'mcp-server',
        lifecycle: 'production',
        owner: 'group:default/team-a',
        system: 'system:default/platform',
        providesApis: ['api:default/tools'],
      },
    });
  });

  it('makes an API with remotes and with a definition that says the same and lists the tools', () => {
    const { spec } = one([server], 'API');
    const remotes = [
      { type: 'streamable-http', url: 'https://portal/servers/tools/mcp' },
    ];
    expect(spec).toMatchObject({
      type: 'mcp-server',
      owner: 'group:default/team-a',
      remotes,
    });
    expect(parse(spec?.definition as string)).toEqual({
      name: 'tools',
      description: 'Counts words.',
      version: '1.2.3',
      remotes,
      tools: [{ name: 'count', description: 'Counts' }],
    });
  });

  it('makes entities that the catalog takes, with and without capabilities', async () => {
    for (const servers of [
      [server],
      [cataloged({ name: 'bare' }, { capabilities: undefined })],
    ]) {
      await expect(
        componentEntityV1alpha1Validator.check(one(servers, 'Component')),
      ).resolves.toBe(true);
      await expect(
        apiEntityV1alpha1Validator.check(one(servers, 'API')),
      ).resolves.toBe(true);
    }
  });

  it('makes one pair for an application; its production speaks for it, its environments are all remotes', () => {
    const servers = [
      cataloged({
        name: 'tools-dev',
        application: 'tools',
        environment: 'dev',
        owner: 'group:default/testers',
      }),
      cataloged({
        name: 'tools',
        application: 'tools',
        environment: 'production',
      }),
    ];
    expect(one(servers, 'Component').spec).toMatchObject({
      owner: 'group:default/team-a',
      lifecycle: 'production',
    });
    expect(
      (
        one(servers, 'API').spec as { remotes: Array<{ url: string }> }
      ).remotes.map(({ url }) => url),
    ).toEqual([
      'https://portal/servers/tools/mcp',
      'https://portal/servers/tools-dev/mcp',
    ]);
    expect(one([servers[0]], 'Component').spec).toMatchObject({
      lifecycle: 'experimental',
    });
  });

  it('does not depend on the order in which servers come', () => {
    const servers = ['b', 'a', 'c'].map(name =>
      cataloged({ name, application: name === 'c' ? 'a' : name }),
    );
    expect(toEntities(servers)).toEqual(toEntities([...servers].reverse()));
  });
});
