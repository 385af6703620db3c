import { KubeApiError } from '../clusters/KubeApiError';
import { collectionPath } from '../clusters/resourcePath';
import type { ClusterConnection } from '../clusters/types';
import type { Live } from './liveObject';

/** The namespace itself; nothing when it is not there. */
export async function readNamespace({
  api,
  namespace,
}: ClusterConnection): Promise<Live | undefined> {
  try {
    return await api.json<Live>({
      method: 'GET',
      path: `${collectionPath('v1', 'Namespace', undefined)}/${namespace}`,
    });
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}
