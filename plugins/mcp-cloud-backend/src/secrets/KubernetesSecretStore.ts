import { ConflictError } from '@backstage/errors';
import {
  MANAGED_BY,
  SERVER_ID_LABEL,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { METADATA_ONLY } from '../clusters/metadataOnly';
import { collectionPath, objectPath } from '../clusters/resourcePath';
import type { ClusterConnection } from '../clusters/types';
import { makeNamespace } from '../delivery/makeNamespace';
import { namespaceState } from '../delivery/namespaceState';
import type { SecretStore } from '../delivery/types';
import { secretName } from '../manifests/names';

/** Keeps each version of a server's secret values as an immutable Secret of its own, in the server's namespace. */
export class KubernetesSecretStore implements SecretStore {
  async put(
    cluster: ClusterConnection,
    server: { id: string; name: string },
    version: number,
    values: Record<string, string>,
  ): Promise<boolean> {
    const name = secretName(server.name, version);
    await makeNamespace(cluster);
    try {
      await cluster.api.json({
        method: 'POST',
        path: collectionPath('v1', 'Secret', cluster.namespace),
        body: {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            name,
            namespace: cluster.namespace,
            labels: {
              'app.kubernetes.io/managed-by': MANAGED_BY,
              [SERVER_ID_LABEL]: server.id,
            },
          },
          type: 'Opaque',
          immutable: true,
          data: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [
              key,
              Buffer.from(value, 'utf8').toString('base64'),
            ]),
          ),
        },
      });
      return true;
    } catch (error) {
      if (
        !(error instanceof KubeApiError) ||
        error.reason !== 'AlreadyExists'
      ) {
        throw error;
      }
      if ((await this.#ownerOf(cluster, name)) !== server.id) {
        throw new ConflictError(
          `The cluster already has a Secret called ${name} that belongs to something else. Remove it or choose another name.`,
        );
      }
      return false;
    }
  }

  async remove(
    cluster: ClusterConnection,
    server: { name: string },
    version: number,
  ): Promise<void> {
    try {
      await cluster.api.json({
        method: 'DELETE',
        path: this.#path(cluster, secretName(server.name, version)),
      });
    } catch (error) {
      const status = error instanceof KubeApiError ? error.status : undefined;
      const isGone =
        status === 404 ||
        (status === 403 && (await namespaceState(cluster)) === 'missing');
      if (!isGone) {
        throw error;
      }
    }
  }

  async #ownerOf(
    cluster: ClusterConnection,
    name: string,
  ): Promise<string | undefined> {
    const { metadata } = await cluster.api.json<{
      metadata: { labels?: Record<string, string> };
    }>({
      method: 'GET',
      path: this.#path(cluster, name),
      headers: { accept: METADATA_ONLY },
    });
    return metadata.labels?.[SERVER_ID_LABEL];
  }

  #path(cluster: ClusterConnection, name: string): string {
    return objectPath({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: cluster.namespace,
      name,
    });
  }
}
