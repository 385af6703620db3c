import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import useSWRImmutable from 'swr/immutable';

/** Entity references that the signed-in person acts for: themselves and their groups. */
export function useOwnership(): string[] | undefined {
  const identity = useApi(identityApiRef);
  const { data } = useSWRImmutable(['mcp-cloud', 'ownership'], async () => {
    const { ownershipEntityRefs } = await identity.getBackstageIdentity();
    return ownershipEntityRefs;
  });
  return data;
}
