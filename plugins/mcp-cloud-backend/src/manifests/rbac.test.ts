import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigReader } from '@backstage/config';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { parseAllDocuments } from 'yaml';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { readClusters } from '../clusters/readClusters';
import { collectionPath } from '../clusters/resourcePath';
import { referencesOf } from '../servers/references';
import { renderManifests } from './renderManifests';
import { FENCE_NAME, renderNamespace } from './renderNamespace';

const objectsOf = (file: string) =>
  parseAllDocuments(
    readFileSync(
      path.resolve(__dirname, '../../../../examples/kubernetes', file),
      'utf8',
    ),
  ).map(document => document.toJS());

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** Everything that a Spec can bring. */
const spec = (via: 'ingress' | 'httpRoute') =>
  serverSpecSchema.parse({
    name: 'x',
    owner: 'group:default/a',
    cluster: 'dev',
    image: 'r.example/x:1',
    imagePullSecrets: ['pull'],
    envFrom: {
      A: { secret: 's', key: 'k' },
      B: { configMap: 'm', key: 'k' },
    },
    files: { '/a': '' },
    volumes: { v: { path: '/v', claim: 'c' } },
    scaling: { min: 1, max: 2 },
    verticalScaling: {},
    podMonitor: true,
    service: { type: 'LoadBalancer', host: 'x.example.com' },
    exposure: { via, host: 'x.example.com' },
  });

const PER_OWNER = 'backend-rbac-per-owner.yaml';
const rulesIn = (file: string, kind: string, name: string): Rule[] =>
  objectsOf(file).find(
    object => object.kind === kind && object.metadata.name === name,
  ).rules;
const shared = rulesIn('backend-rbac.yaml', 'Role', 'mcp-cloud-backend');
const bound = rulesIn(PER_OWNER, 'ClusterRole', 'mcp-cloud-servers');
const everywhere = rulesIn(PER_OWNER, 'ClusterRole', 'mcp-cloud-backend');

describe.each([
  ['in a namespace that servers share', shared],
  ['in the namespace of an owner', bound],
])('the backend’s role %s', (_where, rules) => {
  const verbsOf = (apiVersion: string, kind: string) => {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    const resource = collectionPath(apiVersion, kind, 'n').split('/').pop()!;
    return rules
      .filter(
        ({ apiGroups, resources }) =>
          apiGroups.includes(group) && resources.includes(resource),
      )
      .flatMap(({ verbs }) => verbs);
  };
  const rendered = (['ingress', 'httpRoute'] as const).flatMap(via =>
    renderManifests(
      {
        id: 'id',
        spec: spec(via),
        revision: 1,
        replicas: 1,
        tokensNotBefore: 0,
      },
      examplePlatform,
    ),
  );

  it('lets it write every kind that is rendered', () => {
    for (const { apiVersion, kind } of rendered) {
      const needed =
        // A Secret is made once and never changed.
        kind === 'Secret'
          ? ['get', 'create', 'delete']
          : ['get', 'create', 'patch', 'delete'];
      expect([kind, verbsOf(apiVersion, kind)]).toEqual([
        kind,
        expect.arrayContaining(needed),
      ]);
    }
  });

  it('lets it look at every kind that a Spec refers to', () => {
    for (const { kind } of referencesOf(spec('ingress'))) {
      expect([kind, verbsOf('v1', kind)]).toEqual([
        kind,
        expect.arrayContaining(['get']),
      ]);
    }
  });

  it('never lets it list Secrets, nor write what it does not render', () => {
    const secrets = verbsOf('v1', 'Secret');
    expect(secrets).not.toContain('list');
    expect(secrets).not.toContain('watch');
    expect(verbsOf('v1', 'PersistentVolumeClaim')).toEqual(['get']);
  });
});

describe('the account of a backend that makes namespaces', () => {
  const platform = readClusters(
    new ConfigReader({
      mcpCloud: {
        clusters: [
          {
            name: 'a',
            url: 'https://a.example',
            token: 't',
            namespaces: { strategy: 'perOwner' },
          },
        ],
      },
    }),
  );

  it('has the same rights in each as in a shared one, and those to fence it', () => {
    const fence = {
      apiGroups: [''],
      resources: ['resourcequotas', 'limitranges'],
      verbs: ['create', 'patch'],
    };
    expect(bound).toEqual([fence, ...shared]);
  });

  it('may write every object that is rendered for a namespace', async () => {
    const [{ ownerNamespaces }] = await platform.getClusters();
    const account = { kind: 'User', name: 'x' } as const;
    const rendered = renderNamespace('n', ownerNamespaces!, account);
    for (const { apiVersion, kind } of rendered) {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
      const resource = collectionPath(apiVersion, kind, 'n').split('/').pop()!;
      const verbs = [...everywhere, ...bound]
        .filter(
          ({ apiGroups, resources }) =>
            apiGroups.includes(group) && resources.includes(resource),
        )
        .flatMap(rule => rule.verbs);
      expect([kind, verbs]).toEqual([
        kind,
        expect.arrayContaining(['create', 'patch']),
      ]);
    }
  });

  it('reads neither Secrets nor ConfigMaps in the whole cluster', () => {
    const resources = everywhere.flatMap(rule => rule.resources);
    expect(resources).not.toContain('secrets');
    expect(resources).not.toContain('configmaps');
  });

  it('is fenced for the names that the configuration has by default', async () => {
    const [{ ownerNamespaces }] = await platform.getClusters();
    const policies = JSON.stringify(
      objectsOf(PER_OWNER).filter(
        ({ kind }) => kind === 'ValidatingAdmissionPolicy',
      ),
    );
    const { prefix, clusterRole } = ownerNamespaces!;
    expect(policies.split(`startsWith('${prefix}')`)).toHaveLength(3);
    expect(policies).toContain(`object.roleRef.name == '${clusterRole}'`);
    expect(policies).toContain(`object.metadata.name == '${FENCE_NAME}'`);
  });
});
