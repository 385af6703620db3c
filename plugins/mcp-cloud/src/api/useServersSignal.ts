import { useEffect, useRef } from 'react';
import { useApiHolder } from '@backstage/core-plugin-api';
import { signalApiRef } from '@backstage/plugin-signals-react';
import {
  SERVERS_CHANNEL,
  type ServersSignal,
} from '@mcp-cloud/plugin-mcp-cloud-common';

/**
 * Calls back for every signal about servers. Not `useSignal`: that keeps the last message of a burst only, so a
 * change of this page's server would be missed when another server changed in the same moment.
 * Portals without the signals plugin are served by polling alone.
 */
export function useServersSignal(onSignal: (signal: ServersSignal) => void) {
  const signals = useApiHolder().get(signalApiRef);
  const latest = useRef(onSignal);
  latest.current = onSignal;
  useEffect(() => {
    const subscription = signals?.subscribe<ServersSignal>(
      SERVERS_CHANNEL,
      signal => latest.current(signal),
    );
    return () => subscription?.unsubscribe();
  }, [signals]);
}
