import { useEffect, useState } from 'react';
import { useApi } from '@backstage/core-plugin-api';
import {
  imageSchema,
  type ImageView,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import useSWR from 'swr';
import { mcpCloudApiRef } from '../api/mcpCloudApi';

const TYPING_PAUSE_MS = 600;

/** What its registry says of an image while its name is typed; nothing when nobody can say. */
export function useImageCheck(
  image: string,
): ImageView | 'checking' | undefined {
  const api = useApi(mcpCloudApiRef);
  const [settled, setSettled] = useState(image);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(image), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [image]);
  const isValid = (text: string) => imageSchema.safeParse(text).success;
  const { data, isLoading } = useSWR(
    isValid(settled) ? ['mcp-cloud', 'image', settled] : null,
    () => api.getImage(settled),
    { revalidateOnFocus: false, shouldRetryOnError: false },
  );
  if (!isValid(image)) {
    return undefined;
  }
  return image !== settled || isLoading ? 'checking' : data;
}
