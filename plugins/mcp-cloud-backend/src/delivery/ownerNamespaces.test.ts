import type { OwnerNamespaces } from '@mcp-cloud/plugin-mcp-cloud-node';
import { FakeWorld } from '../__testUtils__/FakeWorld';
import { testGuard, testServer } from '../__testUtils__/testServer';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { inNamespace } from '../clusters/inNamespace';
import { KubeApiError } from '../clusters/KubeApiError';
import { ServerNamespaces } from '../clusters/ServerNamespaces';
import type { KubeApi, KubeObject, KubeRequest } from '../clusters/types';
import { renderManifests } from '../manifests/renderManifests';
import { KubernetesSecretStore } from '../secrets/KubernetesSecretStore';
import { checkReferences } from '../servers/references';
import { DirectDelivery } from './DirectDelivery';
import { DirectDrift } from './DirectDrift';
import { DirectPreview } from './DirectPreview';
import { makeNamespace } from './makeNamespace';

const NAME = 'mcp-owner-team-a-0123456789abcdef';
const settings: OwnerNamespaces = {
  prefix: 'mcp-owner-',
  clusterRole: 'mcp-cloud-servers',
  quota: { pods: '5' },
  limitRange: { default: { memory: '1Gi' } },
  defaultDeny: true,
};

/** An API server that has this namespace, if any, and in which rights count after some refusals. */
function clusterWith(
  namespace: KubeObject['metadata'] | undefined,
  { perOwner = settings, refusals = 0 } = {},
) {
  const asked: string[] = [];
  const applied: KubeObject[] = [];
  let left = refusals;
  const json = async ({ method, path, body }: KubeRequest) => {
    asked.push(`${method} ${path}`);
    if (path.endsWith('/selfsubjectreviews')) {
      const username = 'system:serviceaccount:system:backend';
      return { status: { userInfo: { username } } };
    }
    if (method === 'PATCH') {
      const object = body as KubeObject;
      if (object.kind === 'ResourceQuota' && left > 0) {
        left -= 1;
        throw new KubeApiError('x cannot patch resource y', 403, 'Forbidden');
      }
      applied.push(object);
      return object;
    }
    if (path === `/api/v1/namespaces/${NAME}` && namespace) {
      return { metadata: namespace };
    }
    if (/namespaces\/[^/]+$|\/rolebindings\//.test(path)) {
      throw new KubeApiError('not found', 404, 'NotFound');
    }
    throw new KubeApiError('x cannot get resource y', 403, 'Forbidden');
  };
  const cluster = inNamespace(
    {
      ...new FakeWorld().cluster,
      namespaces: new ServerNamespaces('mcp-servers', perOwner),
      api: { json: json as KubeApi['json'], stream: jest.fn() },
    },
    NAME,
  );
  return { cluster, asked, applied };
}

describe('the namespace of an owner', () => {
  const ours = {
    name: NAME,
    labels: { 'app.kubernetes.io/managed-by': 'mcp-cloud' },
  };

  it.each([
    ['is made with what fences it', undefined],
    ['is brought up to date', ours],
  ])('%s', async (_what, there) => {
    const { cluster, applied } = clusterWith(there);
    await makeNamespace(cluster);
    expect(applied).toMatchObject([
      {
        kind: 'Namespace',
        metadata: {
          name: NAME,
          labels: {
            'app.kubernetes.io/managed-by': 'mcp-cloud',
            'pod-security.kubernetes.io/enforce': 'restricted',
          },
        },
      },
      {
        kind: 'RoleBinding',
        roleRef: { kind: 'ClusterRole', name: 'mcp-cloud-servers' },
        subjects: [
          { kind: 'ServiceAccount', namespace: 'system', name: 'backend' },
        ],
      },
      { kind: 'ResourceQuota', spec: { hard: { pods: '5' } } },
      {
        kind: 'LimitRange',
        spec: { limits: [{ type: 'Container', default: { memory: '1Gi' } }] },
      },
      {
        kind: 'NetworkPolicy',
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
    ]);
  });

  it('has no policy where the platform makes none', async () => {
    const perOwner = { ...settings, defaultDeny: false };
    const { cluster, applied } = clusterWith(undefined, { perOwner });
    await makeNamespace(cluster);
    expect(applied.map(({ kind }) => kind)).not.toContain('NetworkPolicy');
  });

  it('is made although rights count a moment later', async () => {
    const { cluster, applied } = clusterWith(undefined, { refusals: 2 });
    await makeNamespace(cluster);
    expect(applied).toHaveLength(5);
  });

  it.each([
    ['another’s', { name: NAME }, /not labelled .*managed-by=mcp-cloud/],
    [
      'about to go',
      { ...ours, deletionTimestamp: new Date() },
      /is being deleted/,
    ],
  ])('is refused when it is %s', async (_what, there, words) => {
    const { cluster, applied } = clusterWith(there);
    await expect(makeNamespace(cluster)).rejects.toThrow(words);
    expect(applied).toEqual([]);
  });

  it('is not the backend’s task where servers lived before', async () => {
    const { cluster, asked } = clusterWith(undefined);
    await makeNamespace(inNamespace(cluster, 'mcp-servers'));
    expect(asked).toEqual([]);
  });
});

describe('with a namespace that is not there', () => {
  const input = testServer({ image: 'r.example/x:1' });
  const objects = renderManifests(input, {
    ...examplePlatform,
    namespace: NAME,
  });

  it('a preview shows what would be made, and that it was not verified', async () => {
    const { cluster, applied } = clusterWith(undefined);
    const preview = await new DirectPreview().apply(cluster, objects, [], []);
    expect(preview.warnings).toEqual([
      {
        reason: 'NotVerified',
        message: expect.stringContaining(`has no namespace ${NAME} yet`),
      },
    ]);
    const kinds = preview.objects.map(({ kind, change }) => [kind, change]);
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['Namespace', 'added'],
        ['ResourceQuota', 'added'],
        ['Deployment', 'added'],
      ]),
    );
    expect(applied).toEqual([]);
  });

  it('all that was applied is missing', async () => {
    const { cluster } = clusterWith(undefined);
    const found = await new DirectDrift().find(cluster, objects, new Set());
    expect(found).toHaveLength(objects.length);
    expect(found.every(({ drift }) => drift === 'missing')).toBe(true);
  });

  it('nothing is left to remove', async () => {
    const { cluster, asked } = clusterWith(undefined);
    const inventory = objects.map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      namespace: NAME,
      name: metadata.name,
    }));
    await new DirectDelivery().remove(
      cluster,
      input,
      inventory,
      testGuard(1),
      AbortSignal.timeout(5_000),
    );
    await new KubernetesSecretStore().remove(cluster, { name: 'probe' }, 1);
    expect(asked.filter(one => !/^GET|secrets/.test(one))).toEqual([]);
  });

  it('nothing can be referred to', async () => {
    const { cluster } = clusterWith(undefined);
    const { spec } = testServer({ image: 'x', imagePullSecrets: ['pull'] });
    await expect(checkReferences(cluster, spec)).rejects.toThrow(
      `the namespace ${NAME} has no Secret pull`,
    );
  });
});
