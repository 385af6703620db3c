import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { KubeConfig } from '@kubernetes/client-node';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { clusterProviderExtensionPoint } from '@mcp-cloud/plugin-mcp-cloud-node';
import request from 'supertest';
import plugin from '.';
import { eventually } from './__testUtils__/eventually';
import { ownerAccount } from './__testUtils__/ownerAccount';
import { documentedRights, rightsIn } from './__testUtils__/rights';
import { testImages } from './__testUtils__/testRig';
import { HttpKubeApi } from './clusters/HttpKubeApi';
import { KubeApiError } from './clusters/KubeApiError';
import type { KubeObject } from './clusters/types';

jest.setTimeout(240_000);

const ANN = 'user:default/ann';
const BOB = 'user:default/bob';
const credentials = {
  one: mockCredentials.user.header(ANN),
  two: mockCredentials.user.header(BOB),
};
type Name = keyof typeof credentials;

describe('owners with a namespace each, on a real cluster', () => {
  const { everything } = testImages();
  let place: Awaited<ReturnType<typeof ownerAccount>>;
  let account: HttpKubeApi;
  let nobody: HttpKubeApi;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  /** Why the cluster does not do it. */
  async function refusal(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'It was done.',
      error => {
        if (error instanceof KubeApiError && !error.unreachable) {
          return error.message;
        }
        throw error;
      },
    );
  }
  const dryRun = { dryRun: 'All' };
  const makeNamespace = (name: string, isRestricted: boolean) =>
    account.json({
      method: 'POST',
      path: '/api/v1/namespaces',
      query: dryRun,
      body: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name,
          labels: {
            'app.kubernetes.io/managed-by': 'mcp-cloud',
            'pod-security.kubernetes.io/enforce': isRestricted
              ? 'restricted'
              : 'baseline',
          },
        },
      },
    });

  beforeAll(async () => {
    place = await ownerAccount();
    account = new HttpKubeApi(place.account);
    nobody = new HttpKubeApi(place.nobody);
    const { prefix, clusterRole } = place;
    const module = createBackendModule({
      pluginId: 'mcp-cloud',
      moduleId: 'test-cluster',
      register(env) {
        env.registerInit({
          deps: { clusters: clusterProviderExtensionPoint },
          async init({ clusters }) {
            clusters.addClusterProvider({
              getClusters: async () => [
                {
                  name: 'test',
                  namespace: 'mcp-servers',
                  kubeConfig: place.account,
                  ownerNamespaces: {
                    prefix,
                    clusterRole,
                    quota: { pods: '3' },
                    limitRange: { default: { memory: '512Mi' } },
                    defaultDeny: true,
                  },
                },
              ],
            });
          },
        });
      },
    });
    const config = mockServices.rootConfig.factory({
      data: {
        mcpCloud: {
          administrators: [ANN],
          keys: { secret: 'a secret of enough characters for a test' },
          operations: { timeout: '90s' },
        },
      },
    });
    // The policies count a moment after they were made: before that a namespace of any name would be let through.
    await eventually(async () => {
      const name = `other-${prefix}x`;
      return (await refusal(makeNamespace(name, true))).includes('begin with');
    }, 60_000);
    backend = await startTestBackend({ features: [plugin, module, config] });
  });
  afterAll(async () => {
    await backend?.stop();
    account?.close();
    nobody?.close();
    await place?.remove();
  });

  const send = (
    method: 'get' | 'post' | 'delete',
    path: string,
    as: Name,
    body?: object,
  ) =>
    request(backend.server)
      [method](`/api/mcp-cloud${path}`)
      .set('Authorization', credentials[as])
      .send(body);
  const server = async (name: Name) =>
    (await send('get', `/servers/${name}`, name)).body;
  const specOf = (name: Name) => ({
    name,
    owner: name === 'one' ? ANN : BOB,
    cluster: 'test',
    image: everything,
    secrets: ['TEST_SECRET'],
    resources: {
      requests: { cpu: '10m', memory: '64Mi' },
      limits: { memory: '512Mi' },
    },
  });
  async function done(answer: request.Response, as: Name) {
    expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    return eventually(async () => {
      const path = `/operations/${answer.body.operation.id}`;
      const { body } = await send('get', path, as);
      return body.finishedAt && body;
    }, 100_000);
  }
  const bind = (namespace: string, clusterRole: string, name = 'mcp-cloud') =>
    account.json({
      method: 'PATCH',
      path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/${name}`,
      query: { ...dryRun, fieldManager: 'test', force: true },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name, namespace },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: clusterRole,
        },
        subjects: [
          {
            kind: 'ServiceAccount',
            namespace: 'mcp-cloud-system',
            name: place.account.getCurrentUser()!.name,
          },
        ],
      },
    });
  const read = <T = { items: KubeObject[] }>(path: string) =>
    account.json<T>({ method: 'GET', path });

  it('says beforehand that nothing can be verified', async () => {
    const { body } = await send('post', '/servers/preview', 'one', {
      spec: specOf('one'),
    });
    expect(body).toMatchObject({ verified: false });
    expect(body.warnings[0]).toMatchObject({
      reason: 'NotVerified',
      message: expect.stringContaining(`no namespace ${place.prefix}ann-`),
    });
  });

  it('deploys servers apart, with their secrets, until they can be called', async () => {
    const made = await Promise.all(
      (['one', 'two'] as const).map(async name =>
        done(
          await send('post', '/servers', name, {
            spec: specOf(name),
            secretValues: { TEST_SECRET: 'hush' },
          }),
          name,
        ),
      ),
    );
    expect(made).toMatchObject([
      { state: 'succeeded' },
      { state: 'succeeded' },
    ]);
    const [one, two] = await Promise.all([server('one'), server('two')]);
    expect([one.status.state, two.status.state]).toEqual([
      'Running',
      'Running',
    ]);
    expect(one.namespace).toMatch(new RegExp(`^${place.prefix}ann-`));
    expect(two.namespace).toMatch(new RegExp(`^${place.prefix}bob-`));
    for (const name of ['one', 'two'] as const) {
      const client = new Client({ name: 'test', version: '1' });
      const url = `http://localhost:${backend.server.port()}/api/mcp-cloud/servers/${name}/mcp`;
      await client.connect(
        new StreamableHTTPClientTransport(new URL(url), {
          requestInit: { headers: { Authorization: credentials[name] } },
        }),
      );
      await client.callTool({ name: 'echo', arguments: { message: 'hi' } });
      await client.close();
    }
    const { body } = await send('get', '/servers/one/manifests', 'one');
    expect(JSON.stringify(body)).toContain(`"namespace":"${one.namespace}"`);
    expect((await send('get', '/servers/one/logs', 'one')).status).toBe(200);
    const preview = await send('post', '/servers/one/preview', 'one', {
      action: 'update',
      spec: specOf('one'),
    });
    expect(preview.body).toMatchObject({ verified: true });
  });

  it('fences each namespace', async () => {
    const { namespace } = await server('one');
    const at = (kind: string) => `/namespaces/${namespace}/${kind}/mcp-cloud`;
    expect(
      await place.api.json({
        method: 'GET',
        path: `/apis/networking.k8s.io/v1${at('networkpolicies')}`,
      }),
    ).toMatchObject({
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    expect(
      await place.api.json({
        method: 'GET',
        path: `/api/v1${at('resourcequotas')}`,
      }),
    ).toMatchObject({ spec: { hard: { pods: '3' } } });
    const privileged = account.json({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods`,
      query: dryRun,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'strong' },
        spec: {
          containers: [
            {
              name: 'strong',
              image: everything,
              securityContext: { privileged: true },
            },
          ],
        },
      },
    });
    expect(await refusal(privileged)).toMatch(
      /violates PodSecurity "restricted/,
    );
  });

  it('leaves the account no way out of its fence', async () => {
    const { namespace } = await server('one');
    const { prefix, clusterRole } = place;
    const refusals = {
      namespace: makeNamespace(`x-${prefix}x`, true),
      loose: makeNamespace(`${prefix}x`, false),
      foreign: account.json({
        method: 'PATCH',
        path: '/api/v1/namespaces/kube-system',
        query: dryRun,
        contentType: 'application/merge-patch+json',
        body: {
          metadata: {
            labels: {
              'app.kubernetes.io/managed-by': 'mcp-cloud',
              'pod-security.kubernetes.io/enforce': 'restricted',
            },
          },
        },
      }),
      elsewhere: bind('kube-system', clusterRole),
      admin: bind(namespace, 'cluster-admin'),
      otherName: bind(namespace, clusterRole, 'other'),
      secretsHere: read(`/api/v1/namespaces/${namespace}/secrets`),
      secrets: read('/api/v1/secrets'),
      configMaps: read('/api/v1/configmaps'),
      secretElsewhere: read('/api/v1/namespaces/kube-system/secrets/x'),
    };
    const words = Object.fromEntries(
      await Promise.all(
        Object.entries(refusals).map(async ([what, work]) => [
          what,
          await refusal(work),
        ]),
      ),
    );
    expect(words).toEqual({
      namespace: expect.stringContaining(`begin with ${prefix}`),
      loose: expect.stringContaining('Pod Security Standard restricted'),
      foreign: expect.stringContaining('denied request'),
      elsewhere: expect.stringContaining('in the namespaces of owners alone'),
      admin: expect.stringContaining('not currently held'),
      otherName: expect.stringContaining('by the RoleBinding mcp-cloud'),
      secretsHere: expect.stringContaining('cannot list resource "secrets"'),
      secrets: expect.stringContaining('cannot list resource "secrets"'),
      configMaps: expect.stringContaining('cannot list resource "configmaps"'),
      secretElsewhere: expect.stringContaining('cannot get resource "secrets"'),
    });
  });

  it('needs the rights that are documented, and no other', async () => {
    const { namespace } = await server('one');
    const given = async (api: HttpKubeApi, where: string) => {
      const everyones = await rightsIn(nobody, where);
      return (await rightsIn(api, where)).filter(
        right => !everyones.includes(right),
      );
    };
    const inEach = documentedRights('In each namespace with servers');
    const toFence = documentedRights('In the namespace of an owner, besides');
    const everywhere = documentedRights(
      'In the whole cluster, where each owner has a namespace',
    ).map(right => right.replace('mcp-cloud-servers', place.clusterRole));
    expect(await given(account, 'default')).toEqual(everywhere);
    expect(await given(account, namespace)).toEqual(
      [...new Set([...inEach, ...toFence, ...everywhere])].sort(),
    );

    const config = new KubeConfig();
    config.loadFromFile(process.env.MCP_CLOUD_TEST_ACCOUNT_KUBECONFIG!);
    const shared = new HttpKubeApi(config);
    expect(await given(shared, 'mcp-servers')).toEqual(inEach);
    expect(await given(shared, 'default')).toEqual([]);
    shared.close();
  });

  it('shows drift and what was left behind in them, and nowhere else', async () => {
    const { namespace } = await server('one');
    await place.api.json({
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}/services/mcp-one`,
      query: { fieldManager: 'somebody' },
      contentType: 'application/merge-patch+json',
      body: { spec: { sessionAffinity: 'ClientIP' } },
    });
    const drift = await eventually(async () => {
      const { body } = await send('get', '/servers/one/drift', 'one');
      return body.state === 'drifted' && body;
    }, 30_000);
    expect(drift.objects).toMatchObject([{ kind: 'Service', name: 'mcp-one' }]);
    const lost = (where: string) =>
      place.api.json({
        method: 'POST',
        path: `/api/v1/namespaces/${where}/services`,
        body: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {
            name: `${place.prefix}lost`,
            labels: {
              'app.kubernetes.io/managed-by': 'mcp-cloud',
              'mcp-cloud.io/server': `${place.prefix}lost`,
            },
          },
          spec: { ports: [{ port: 80 }] },
        },
      });
    await lost('default');
    await lost(namespace);
    const orphans = () => send('get', '/orphans', 'one');
    const isListed = async () =>
      (await orphans()).body.items.some(
        ({ serverId }: { serverId: string }) =>
          serverId === `${place.prefix}lost`,
      );
    await eventually(isListed, 20_000);
    const { body } = await orphans();
    expect(
      body.items.find(
        ({ serverId }: { serverId: string }) =>
          serverId === `${place.prefix}lost`,
      ).objects,
    ).toEqual([{ kind: 'Service', namespace, name: `${place.prefix}lost` }]);
    const path = `/orphans/test/${place.prefix}lost`;
    expect((await send('delete', path, 'one')).status).toBe(204);
    await eventually(async () => !(await isListed()), 20_000);
    await place.api.json({
      method: 'DELETE',
      path: `/api/v1/namespaces/default/services/${place.prefix}lost`,
    });
  });

  it('scales as far as the quota goes, says when it ends, and counts calls', async () => {
    const scale = async (replicas: number) =>
      done(
        await send('post', '/servers/one/scale', 'one', { replicas }),
        'one',
      );
    expect(await scale(2)).toMatchObject({ state: 'succeeded' });
    expect(await scale(5)).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('exceeded quota: mcp-cloud') },
    });
    // The other owner's is a quota of its own.
    const other = await send('post', '/servers/two/scale', 'two', {
      replicas: 2,
    });
    expect(await done(other, 'two')).toMatchObject({ state: 'succeeded' });
    expect(await scale(1)).toMatchObject({ state: 'succeeded' });
    // Pods that end say first what was called.
    const restart = await send('post', '/servers/one/restart', 'one');
    expect(await done(restart, 'one')).toMatchObject({ state: 'succeeded' });
    await eventually(async () => {
      const { body } = await send('get', '/servers/one/usage', 'one');
      return body.byTool.some(({ tool }: { tool: string }) => tool === 'echo');
    }, 30_000);
  });

  it('deletes servers also when somebody took their namespace away', async () => {
    const { namespace } = await server('one');
    const answer = await send('delete', '/servers/one', 'one');
    expect(await done(answer, 'one')).toMatchObject({ state: 'succeeded' });
    expect(
      (await read(`/apis/apps/v1/namespaces/${namespace}/deployments`)).items,
    ).toEqual([]);
    // The namespace stays, with what an owner may have in it.
    expect(await read(`/api/v1/namespaces/${namespace}`)).toMatchObject({
      status: { phase: 'Active' },
    });

    const other = (await server('two')).namespace;
    await place.api.json({
      method: 'DELETE',
      path: `/api/v1/namespaces/${other}`,
    });
    await eventually(
      async () =>
        (
          await refusal(read(`/api/v1/namespaces/${other}`))
        ).includes('not found'),
      120_000,
    );
    const gone = await send('delete', '/servers/two', 'two');
    expect(await done(gone, 'two')).toMatchObject({ state: 'succeeded' });
  });
});
