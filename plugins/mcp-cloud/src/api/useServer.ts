import { useRef } from 'react';
import { useApi } from '@backstage/core-plugin-api';
import { isFinished, type Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import { mcpCloudApiRef } from './mcpCloudApi';
import { useLiveData } from './useLiveData';

/** One server with its Spec, live. */
export function useServer(name: string | undefined) {
  const api = useApi(mcpCloudApiRef);
  const id = useRef<string>();
  const live = useLiveData(
    name ? ['server', name] : null,
    after => api.getServer(name!, { after }),
    {
      // Until the id is known any signal may be about this server.
      concerns: changed => !id.current || id.current === changed,
    },
  );
  id.current = live.data?.name === name ? live.data?.id : undefined;
  return live;
}

/** The pods of a server, live. */
export function usePods(name: string, serverId: string) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(['pods', name], after => api.getPods(name, { after }), {
    concerns: id => id === serverId,
  });
}

/** Kubernetes events about a server's objects, live. */
export function useEvents(name: string, serverId: string) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(['events', name], () => api.getEvents(name), {
    concerns: id => id === serverId,
    throttleMs: 500,
  });
}

/** What others changed in the cluster, live. */
export function useDrift(name: string, serverId: string) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(['drift', name], () => api.getDrift(name), {
    concerns: id => id === serverId,
    throttleMs: 500,
  });
}

/** CPU and memory. Samples arrive on a clock of their own, so signals say nothing about them. */
export function useMetrics(name: string) {
  const api = useApi(mcpCloudApiRef);
  return useLiveData(['metrics', name], () => api.getMetrics(name));
}

const RUNNING_POLL_MS = 1_000;

/** An operation that was begun, until it has ended. */
export function useOperation(begun: Operation): Operation {
  const api = useApi(mcpCloudApiRef);
  const live = useLiveData(
    ['operation', begun.id],
    () => api.getOperation(begun.id),
    {
      concerns: id => id === begun.serverId,
      pollMs: latest => (isFinished(latest ?? begun) ? 0 : RUNNING_POLL_MS),
    },
  );
  return live.data?.id === begun.id ? live.data : begun;
}
