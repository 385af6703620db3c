import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import type { ClusterDefinition } from '@mcp-cloud/plugin-mcp-cloud-node';
import { HttpKubeApi } from '../clusters/HttpKubeApi';

/** A namespace of its own in the cluster that tests run against, under Pod Security `restricted`. */
export interface TestCluster {
  definition: ClusterDefinition;
  api: HttpKubeApi;
  namespace: string;
  remove(): Promise<void>;
}

/**
 * Makes a namespace in the cluster of `MCP_CLOUD_TEST_KUBECONFIG`. For tests only; throws when the variable is
 * missing, as a test that passes without its cluster says nothing.
 */
export async function testCluster(
  purpose: string,
  path = process.env.MCP_CLOUD_TEST_KUBECONFIG,
): Promise<TestCluster> {
  if (!path) {
    throw new Error(
      'Set MCP_CLOUD_TEST_KUBECONFIG to the kubeconfig of a cluster for tests.',
    );
  }
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(path);
  const api = new HttpKubeApi(kubeConfig);
  const namespace = `test-${purpose}-${randomBytes(3).toString('hex')}`;
  await api.json({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
  });
  return {
    definition: { name: 'test', namespace, kubeConfig },
    api,
    namespace,
    remove: async () => {
      await api.json({
        method: 'DELETE',
        path: `/api/v1/namespaces/${namespace}`,
      });
      api.close();
    },
  };
}
