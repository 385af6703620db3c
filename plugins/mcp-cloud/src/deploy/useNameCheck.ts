import { useEffect, useState } from 'react';
import { useApi } from '@backstage/core-plugin-api';
import { serverNameProblem } from '@mcp-cloud/plugin-mcp-cloud-common';
import useSWR from 'swr';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { hasStatus } from '../api/useLiveData';

const TYPING_PAUSE_MS = 300;

/**
 * Whether a server of this name is there. A server that the person may not see looks free; the backend refuses the
 * name then, with its own words.
 */
export function useNameCheck(
  name: string,
): 'checking' | 'free' | 'taken' | undefined {
  const api = useApi(mcpCloudApiRef);
  const [settled, setSettled] = useState(name);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(name), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [name]);
  const isValid = (text: string) => text !== '' && !serverNameProblem(text);
  const { data, isLoading } = useSWR(
    isValid(settled) ? ['mcp-cloud', 'name', settled] : null,
    async () => {
      try {
        await api.getServer(settled);
        return 'taken' as const;
      } catch (error) {
        if (hasStatus(error, 404)) {
          return 'free' as const;
        }
        throw error;
      }
    },
    { revalidateOnFocus: false },
  );
  if (!isValid(name)) {
    return undefined;
  }
  return name !== settled || isLoading ? 'checking' : data;
}
