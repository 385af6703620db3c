import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  KubeConfig,
  KubernetesObjectApi,
  loadAllYaml,
  PatchStrategy,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { HttpKubeApi } from '../clusters/HttpKubeApi';

const ACCOUNTS = 'mcp-cloud-system';
const MANIFEST = path.resolve(
  __dirname,
  '../../../../examples/kubernetes/backend-rbac-per-owner.yaml',
);

/**
 * The account of `backend-rbac-per-owner.yaml` in the cluster that tests run against, with all names made anew, so that
 * several can be there at the same time. For tests.
 */
export async function ownerAccount() {
  const admin = new KubeConfig();
  admin.loadFromFile(process.env.MCP_CLOUD_TEST_KUBECONFIG!);
  const api = new HttpKubeApi(admin);
  const objectApi = KubernetesObjectApi.makeApiClient(admin);
  const id = randomBytes(3).toString('hex');
  const prefix = `test-${id}-`;
  const clusterRole = `mcp-cloud-servers-${id}`;
  const bare = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: `bare-${id}`, namespace: ACCOUNTS },
  };
  const text = readFileSync(MANIFEST, 'utf8')
    .replaceAll('mcp-owner-', prefix)
    .replaceAll('mcp-cloud-servers', clusterRole)
    .replaceAll('mcp-cloud-backend', `mcp-cloud-backend-${id}`);
  const objects = [...loadAllYaml(text), bare] as KubernetesObject[];
  for (const object of objects) {
    await objectApi.patch(
      object,
      undefined,
      undefined,
      'test',
      true,
      PatchStrategy.ServerSideApply,
    );
  }
  /** The cluster as one of these accounts reaches it. */
  const as = async (name: string) => {
    const { status } = await api.json<{ status: { token: string } }>({
      method: 'POST',
      path: `/api/v1/namespaces/${ACCOUNTS}/serviceaccounts/${name}/token`,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 3600 },
      },
    });
    const config = new KubeConfig();
    config.loadFromClusterAndUser(admin.getCurrentCluster()!, {
      name,
      token: status.token,
    });
    return config;
  };
  return {
    /** The administrator's. */
    api,
    prefix,
    clusterRole,
    account: await as(`mcp-cloud-backend-${id}`),
    /** An account that was given nothing. */
    nobody: await as(bare.metadata.name),
    /** The account and all of its namespaces go. */
    remove: async () => {
      const { items } = await api.json<{
        items: Array<{ metadata: { name: string } }>;
      }>({ method: 'GET', path: '/api/v1/namespaces' });
      for (const { metadata } of items) {
        if (metadata.name.startsWith(prefix)) {
          await api.json({
            method: 'DELETE',
            path: `/api/v1/namespaces/${metadata.name}`,
          });
        }
      }
      // Backwards, as with an account its token goes by itself.
      for (const object of objects.reverse()) {
        await objectApi.delete(object);
      }
      api.close();
    },
  };
}
