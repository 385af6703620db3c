import { readFileSync } from 'node:fs';
import path from 'node:path';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { parseAllDocuments } from 'yaml';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { collectionPath } from '../clusters/resourcePath';
import { referencesOf } from '../servers/references';
import { renderManifests } from './renderManifests';

const MANIFEST = path.resolve(
  __dirname,
  '../../../../examples/kubernetes/backend-rbac.yaml',
);

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
    service: { type: 'LoadBalancer', host: 'x.example.com' },
    exposure: { via, host: 'x.example.com' },
  });

describe('the backend’s Role', () => {
  const rules = parseAllDocuments(readFileSync(MANIFEST, 'utf8'))
    .map(document => document.toJS())
    .filter(({ kind }) => kind === 'Role')
    .flatMap(role => role.rules as Rule[]);
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
