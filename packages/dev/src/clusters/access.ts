import { readFileSync } from 'node:fs';
import {
  KubeConfig,
  KubernetesObjectApi,
  CoreV1Api,
  PatchStrategy,
  loadAllYaml,
} from '@kubernetes/client-node';
import type { KubernetesObject } from '@kubernetes/client-node';
import { inRepository } from '../repository.ts';
import { writeJson } from '../../../dev-cluster/src/system/files.ts';
import { until } from '../../../dev-cluster/src/system/wait.ts';
import type { UsedCluster } from './types.ts';

/** Namespaces that are named in examples/kubernetes. */
export const SERVERS_NAMESPACE = 'mcp-servers';
const ACCOUNTS_NAMESPACE = 'mcp-cloud-system';
const manifests = ['namespaces.yaml', 'backend-rbac.yaml', 'reader-rbac.yaml'];
const FIELD_MANAGER = 'mcp-cloud-setup';

/** What the portal's backend is told of the cluster. */
export interface ClusterAccess {
  url: string;
  /** The cluster's CA certificate, base64. */
  ca: string;
  backendToken: string;
  readerToken: string;
  /** Namespaces that were not there before. */
  madeNamespaces: string[];
}

export function adminConfig({ kubeconfig, context }: UsedCluster): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  if (context) {
    // In memory only: nobody's current context changes.
    config.setCurrentContext(context);
  }
  return config;
}

/** Namespaces, the two accounts and their rights, as in examples/kubernetes. Does nothing when all is as it should be. */
export async function prepareCluster(
  cluster: UsedCluster,
): Promise<ClusterAccess> {
  const config = adminConfig(cluster);
  const core = config.makeApiClient(CoreV1Api);
  const madeNamespaces = await missingNamespaces(core);
  const objects = KubernetesObjectApi.makeApiClient(config);
  for (const file of manifests) {
    for (const object of loadAllYaml(
      readFileSync(inRepository('examples', 'kubernetes', file), 'utf8'),
    )) {
      await apply(objects, object as KubernetesObject);
    }
  }
  const backend = await accountToken(core, 'mcp-cloud-backend-token');
  const reader = await accountToken(core, 'mcp-cloud-reader-token');
  const { server } = config.getCurrentCluster() ?? {};
  if (!server) {
    throw new Error(
      `${cluster.kubeconfig} has no current context. Name one with --context.`,
    );
  }
  return {
    url: server,
    ca: backend.ca,
    backendToken: backend.token,
    readerToken: reader.token,
    madeNamespaces,
  };
}

function apply(objects: KubernetesObjectApi, object: KubernetesObject) {
  return objects.patch(
    object,
    undefined,
    undefined,
    FIELD_MANAGER,
    true,
    PatchStrategy.ServerSideApply,
  );
}

/** The cluster fills in a token's Secret a moment after it is made. */
async function accountToken(
  core: CoreV1Api,
  name: string,
): Promise<{ token: string; ca: string }> {
  return until(
    `token of the account in Secret ${name}`,
    async () => {
      const { data } = await core.readNamespacedSecret({
        name,
        namespace: ACCOUNTS_NAMESPACE,
      });
      return data?.token
        ? {
            token: Buffer.from(data.token, 'base64').toString(),
            ca: data['ca.crt'],
          }
        : undefined;
    },
    { seconds: 30 },
  );
}

/** Writes the kubeconfig that the backend gets: its own account's, and nothing of the administrator's. */
export function writeBackendKubeconfig(
  file: string,
  { url, ca, backendToken }: ClusterAccess,
): void {
  const name = 'mcp-cloud';
  // JSON is YAML.
  writeJson(file, {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      { name, cluster: { server: url, 'certificate-authority-data': ca } },
    ],
    users: [{ name: 'mcp-cloud-backend', user: { token: backendToken } }],
    contexts: [
      {
        name,
        context: {
          cluster: name,
          user: 'mcp-cloud-backend',
          namespace: SERVERS_NAMESPACE,
        },
      },
    ],
  });
}

/** Deletes namespaces that `prepareCluster` made, with all that is in them, servers included. */
export async function clearCluster(
  cluster: UsedCluster,
  madeNamespaces: readonly string[],
): Promise<void> {
  const core = adminConfig(cluster).makeApiClient(CoreV1Api);
  for (const name of madeNamespaces) {
    await core.deleteNamespace({ name }).catch(ignoreMissing);
  }
}

async function missingNamespaces(core: CoreV1Api): Promise<string[]> {
  const names = [SERVERS_NAMESPACE, ACCOUNTS_NAMESPACE];
  const found = await Promise.all(
    names.map(name => core.readNamespace({ name }).catch(ignoreMissing)),
  );
  return names.filter((_, index) => !found[index]);
}

function ignoreMissing(error: { code?: number }): undefined {
  if (error.code !== 404) {
    throw error;
  }
}
