import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { inNamespace } from '../clusters/inNamespace';
import { KubeApiError } from '../clusters/KubeApiError';
import type { ClusterConnection, KubeRequest } from '../clusters/types';
import { checkIfReached } from './clusterChecks';
import { checkReferences, ownerLabel, referencesOf } from './references';

const spec = (extra: object = {}) =>
  serverSpecSchema.parse({
    name: 'tools',
    owner: 'group:default/team-a',
    cluster: 'local',
    image: 'r.example/x:1',
    ...extra,
  });
const everything = {
  imagePullSecrets: ['pull'],
  envFrom: {
    A: { secret: 'secret', key: 'k' },
    B: { configMap: 'map', key: 'k' },
  },
  volumes: { v: { path: '/v', claim: 'claim' } },
  serviceAccount: 'account',
};

/** A cluster whose objects have these labels, by `plural/name`. */
function clusterWith(
  objects: Record<string, Record<string, string>>,
): ClusterConnection {
  const json = async ({ path, headers }: KubeRequest) => {
    expect(headers?.accept).toContain('PartialObjectMetadata');
    const labels = objects[path.split('/').slice(-2).join('/')];
    if (!labels) {
      throw new KubeApiError('not found', 404, 'NotFound');
    }
    return { metadata: { labels } };
  };
  return {
    ...inNamespace(new FakeWorld().cluster, 'mcp'),
    api: { json: json as ClusterConnection['api']['json'], stream: jest.fn() },
  };
}

describe('references of a Spec', () => {
  const mine = { 'mcp-cloud.io/owner': 'group.default.team-a' };
  const all = (labels: Record<string, string>) => ({
    'secrets/pull': labels,
    'secrets/secret': labels,
    'configmaps/map': labels,
    'persistentvolumeclaims/claim': labels,
    'serviceaccounts/account': labels,
  });

  it('reach what is labelled for the owner, or for everyone', async () => {
    const one = spec(everything);
    expect(referencesOf(one)).toHaveLength(5);
    for (const labels of [mine, { 'mcp-cloud.io/owner': 'everyone' }]) {
      await checkReferences(clusterWith(all(labels)), one);
    }
  });

  it.each([
    ['without a label', {}],
    ['of another owner', { 'mcp-cloud.io/owner': 'group.default.team-b' }],
    [
      'that we manage',
      { ...mine, 'app.kubernetes.io/managed-by': 'mcp-cloud' },
    ],
  ])('never reach objects %s, nor tell them from none', async (_, labels) => {
    const words = async (cluster: ClusterConnection) =>
      checkReferences(cluster, spec(everything)).then(
        () => '',
        error => `${error.name}: ${error.message}`,
      );
    const refused = await words(clusterWith(all(labels)));
    expect(refused).toMatch(/^InputError: /);
    for (const field of [
      'spec.imagePullSecrets.0: .* no Secret pull for group:default/team-a',
      'spec.envFrom.A: .* no Secret secret',
      'spec.envFrom.B: .* no ConfigMap map',
      'spec.volumes.v.claim: .* no PersistentVolumeClaim claim',
      'spec.serviceAccount: .* no ServiceAccount account',
      'label it mcp-cloud.io/owner=group.default.team-a',
    ]) {
      expect(refused).toMatch(new RegExp(field));
    }
    expect(await words(clusterWith({}))).toBe(refused);
  });

  it('are checked by the deploy when the cluster is away now', async () => {
    const away = {
      ...clusterWith({}),
      api: {
        json: () => Promise.reject(new KubeApiError('away', 0, 'Unreachable')),
        stream: jest.fn(),
      },
    };
    await checkIfReached(away, spec(everything), {});
    await expect(checkReferences(away, spec(everything))).rejects.toThrow(
      'away',
    );
  });

  it('name owners by labels that no other owner has', () => {
    expect(ownerLabel('user:default/ann')).toBe('user.default.ann');
    const long = `group:default/${'a'.repeat(63)}`;
    expect(ownerLabel(long)).toMatch(/^sha256\.[0-9a-f]{56}$/);
    expect(ownerLabel(`${long.slice(0, -1)}b`)).not.toBe(ownerLabel(long));
  });
});
