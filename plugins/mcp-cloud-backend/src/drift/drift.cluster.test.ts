import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type {
  Operation,
  ServerDrift,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import request from 'supertest';
import plugin from '..';
import { eventually } from '../__testUtils__/eventually';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import { testImages } from '../__testUtils__/testRig';
import { objectPath } from '../clusters/resourcePath';

jest.setTimeout(300_000);

const ANN = 'user:default/ann';
const ann = mockCredentials.user.header(ANN);
const SHOWN_MS = 5_000;
const REPAIRED_MS = 10_000;

const APIS: Record<string, string> = {
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PodDisruptionBudget: 'policy/v1',
};

interface Edit {
  what: string;
  kind: string;
  /** A strategic merge patch; without one the object is deleted. */
  patch?: object;
  /** What of the drift shows it. */
  path?: RegExp;
}

const inPods = (spec: object) => ({ spec: { template: { spec } } });
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** What people do by hand: four changes, six additions, three deletions. */
const edits = (image: string): Edit[] => [
  {
    what: 'a container beside the server',
    kind: 'Deployment',
    patch: inPods({
      containers: [{ name: 'spy', image, securityContext: restricted }],
    }),
    path: /^spec\.template\.spec\.containers\[spy\]$/,
  },
  {
    what: 'a variable',
    kind: 'Deployment',
    patch: inPods({
      containers: [
        { name: 'server', env: [{ name: 'HTTP_PROXY', value: 'x' }] },
      ],
    }),
    path: /\.env\[HTTP_PROXY\]$/,
  },
  {
    what: 'an annotation of the pods',
    kind: 'Deployment',
    patch: {
      spec: { template: { metadata: { annotations: { 'a.example/b': 'c' } } } },
    },
    path: /annotations\[a\.example\/b\]$/,
  },
  {
    what: 'a toleration',
    kind: 'Deployment',
    patch: inPods({ tolerations: [{ operator: 'Exists' }] }),
    path: /\.tolerations/,
  },
  {
    what: 'a port of the Service',
    kind: 'Service',
    patch: { spec: { ports: [{ name: 'extra', port: 9999 }] } },
    path: /^spec\.ports\[extra\]$/,
  },
  {
    what: 'a file of the configuration',
    kind: 'ConfigMap',
    patch: { data: { 'more.yaml': 'x: 1' } },
    path: /^data\[more\.yaml\]$/,
  },
  {
    what: 'another configuration',
    kind: 'ConfigMap',
    patch: { data: { 'bridge.yaml': 'auth: {mode: none}\n' } },
    path: /^data\[bridge\.yaml\]$/,
  },
  {
    what: 'another image',
    kind: 'Deployment',
    patch: inPods({
      containers: [{ name: 'server', image: 'nobody/knows:1' }],
    }),
    path: /\[server\]\.image$/,
  },
  {
    what: 'an open network policy',
    kind: 'NetworkPolicy',
    patch: { spec: { ingress: [{}] } },
    path: /^spec\.ingress/,
  },
  {
    what: 'a token for the service account',
    kind: 'ServiceAccount',
    patch: { automountServiceAccountToken: true },
    path: /^automountServiceAccountToken$/,
  },
  {
    what: 'a label taken away',
    kind: 'ServiceAccount',
    patch: {
      metadata: {
        labels: {
          'mcp-cloud.io/server': null,
          'app.kubernetes.io/managed-by': null,
        },
      },
    },
    path: /^metadata\.labels/,
  },
  { what: 'no budget', kind: 'PodDisruptionBudget' },
  { what: 'no Service', kind: 'Service' },
  { what: 'no Deployment', kind: 'Deployment' },
];

async function portal(repair: boolean) {
  const place: TestCluster = await testCluster('drift');
  const module = createBackendModule({
    pluginId: 'mcp-cloud',
    moduleId: 'test-cluster',
    register(env) {
      env.registerInit({
        deps: { clusters: clusterProviderExtensionPoint },
        async init({ clusters }) {
          clusters.addClusterProvider({
            getClusters: async () => [place.definition],
          });
        },
      });
    },
  });
  const config = mockServices.rootConfig.factory({
    data: {
      mcpCloud: {
        keys: { secret: 'a secret of enough characters for a test' },
        operations: { timeout: '90s' },
        drift: { repair },
      },
    },
  });
  const backend = await startTestBackend({
    features: [plugin, module, config],
  });
  const { hello } = testImages();
  const get = async (path: string) =>
    (
      await request(backend.server)
        .get(`/api/mcp-cloud${path}`)
        .set('Authorization', ann)
    ).body;
  const post = (path: string, body: object = {}) =>
    request(backend.server)
      .post(`/api/mcp-cloud${path}`)
      .set('Authorization', ann)
      .send(body);
  const ended = (id: string): Promise<Operation> =>
    eventually(async () => {
      const operation = await get(`/operations/${id}`);
      return operation.finishedAt && operation;
    }, 100_000);
  const { body } = await post('/servers', {
    spec: {
      name: 'hello',
      owner: ANN,
      cluster: 'test',
      image: hello,
      env: { GREETING: 'hi' },
    },
  });
  expect(await ended(body.operation.id)).toMatchObject({ state: 'succeeded' });

  const path = (kind: string) =>
    objectPath({
      apiVersion: APIS[kind] ?? 'v1',
      kind,
      namespace: place.namespace,
      name: 'mcp-hello',
    });
  const drift = (): Promise<ServerDrift> => get('/servers/hello/drift');
  return {
    place,
    get,
    post,
    ended,
    drift,
    path,
    hello,
    live: <T = any>(kind: string) =>
      place.api
        .json<T>({ method: 'GET', path: path(kind) })
        .catch(() => undefined),
    edit: ({ kind, patch }: Edit) =>
      place.api.json({
        method: patch ? 'PATCH' : 'DELETE',
        path: path(kind),
        query: { fieldManager: 'kubectl-edit' },
        contentType: 'application/strategic-merge-patch+json',
        body: patch,
      }),
    quiet: () =>
      eventually(async () => {
        const { items } = await get('/servers/hello/operations');
        const open = items.some((one: Operation) => !one.finishedAt);
        return !open && (await drift()).state === 'none';
      }, 60_000).catch(async error => {
        throw new Error(
          `${error.message} ${JSON.stringify([
            await drift(),
            (await get('/servers/hello/operations')).items.slice(0, 2),
          ])}`,
        );
      }),
    scaleAs: (fieldManager: string, replicas: number) =>
      place.api.json({
        method: 'PATCH',
        path: `${path('Deployment')}/scale`,
        query: { fieldManager },
        contentType: 'application/merge-patch+json',
        body: { spec: { replicas } },
      }),
    stop: async () => {
      await backend.stop();
      await place.remove();
    },
  };
}

const shows = ({ objects }: ServerDrift, { kind, path }: Edit) =>
  objects.find(
    object =>
      object.kind === kind &&
      (path
        ? object.fields.some(field => path.test(field.path))
        : object.drift === 'missing'),
  );

describe('drift on a real cluster', () => {
  it('shows each edit and who made it within 5 s, and repairs them all at once when asked', async () => {
    const world = await portal(false);
    try {
      await world.quiet();
      const all = edits(world.hello).filter(
        one => one.kind !== 'Deployment' || one.patch,
      );
      const times: Record<string, number> = {};
      const writers: Array<string | undefined> = [];
      for (const edit of all) {
        const begin = Date.now();
        await world.edit(edit);
        const object = await eventually(
          async () => shows(await world.drift(), edit),
          SHOWN_MS,
        );
        times[edit.what] = Date.now() - begin;
        const field = object.fields.find(one => edit.path?.test(one.path));
        writers.push(field?.by?.manager);
      }
      // eslint-disable-next-line no-console
      console.info('shown after ms', times);
      // What is only taken away leaves no trace of who did it: a label, a budget, a Service.
      expect(writers.filter(one => one === 'kubectl-edit')).toHaveLength(10);
      expect(writers.filter(one => one === undefined)).toHaveLength(3);
      const { body } = await world.post('/servers/hello/drift/repair');
      expect(await world.ended(body.operation.id)).toMatchObject({
        kind: 'repair',
        state: 'succeeded',
      });
      await world.quiet();
      const pod = (await world.live('Deployment')).spec.template;
      expect(pod.spec.containers).toHaveLength(1);
      expect(pod.spec.containers[0].image).toBe(world.hello);
      expect(JSON.stringify(pod)).not.toMatch(/HTTP_PROXY|a\.example|Exists/);
      expect((await world.live('Service')).spec.ports).toHaveLength(2);
      expect(Object.keys((await world.live('ConfigMap')).data)).toEqual([
        'bridge.yaml',
      ]);
    } finally {
      await world.stop();
    }
  });

  it('repairs each edit by itself within 10 s where that is wanted, and leaves scaling to an autoscaler', async () => {
    const world = await portal(true);
    try {
      await world.quiet();
      const times: Record<string, number> = {};
      for (const edit of edits(world.hello)) {
        const before = JSON.stringify(specOf(await world.live(edit.kind)));
        const begin = Date.now();
        await world.edit(edit);
        await eventually(
          async () =>
            JSON.stringify(specOf(await world.live(edit.kind))) === before,
          REPAIRED_MS,
        );
        times[edit.what] = Date.now() - begin;
        await world.quiet();
      }
      await world.scaleAs('kubectl', 3);
      await eventually(
        async () => (await world.live('Deployment')).spec.replicas === 1,
        REPAIRED_MS,
      );
      await world.quiet();
      await world.scaleAs('kube-controller-manager', 2);
      await world.edit(edits(world.hello)[1]);
      await eventually(
        async () =>
          !JSON.stringify((await world.live('Deployment')).spec).includes(
            'HTTP_PROXY',
          ),
        REPAIRED_MS,
      );
      expect((await world.live('Deployment')).spec.replicas).toBe(2);
      // eslint-disable-next-line no-console
      console.info('repaired after ms', times);
    } finally {
      await world.stop();
    }
  });
});

/** What of an object is ours to decide; what a cluster makes up anew for a new object is not. */
function specOf(object: any): unknown {
  const { labels } = object?.metadata ?? {};
  const { clusterIP, clusterIPs, ...spec } = object?.spec ?? {};
  return (
    object && [labels, spec, object.data, object.automountServiceAccountToken]
  );
}
