import { say } from '../system/steps.ts';
import type { AddOnContext } from './AddOn.ts';

interface Pod {
  metadata: { name: string; namespace: string; ownerReferences?: object[] };
  spec: { hostNetwork?: boolean };
  status: { phase: string; podIP?: string };
}

/** Deletes pods that were made before policies were enforced, so that whoever made them makes them anew, and waits for that. */
export async function renewPods(
  { kubectl, until }: AddOnContext,
  protectedAddresses: () => Promise<string[]>,
): Promise<void> {
  const open = async () => {
    const found = await kubectl('get', 'pods', '-A', '--output=json');
    const addresses = await protectedAddresses();
    return (JSON.parse(found) as { items: Pod[] }).items.filter(
      ({ spec, status }) =>
        !spec.hostNetwork &&
        ['Pending', 'Running'].includes(status.phase) &&
        status.podIP !== undefined &&
        !addresses.includes(status.podIP),
    );
  };
  const isOwned = ({ metadata }: Pod) => metadata.ownerReferences !== undefined;
  await until(
    'pods that pass through Cilium',
    async () => {
      const owned = (await open()).filter(isOwned);
      for (const { metadata } of owned) {
        await kubectl(
          ...['delete', 'pod', metadata.name, '--ignore-not-found'],
          `--namespace=${metadata.namespace}`,
        );
      }
      return owned.length === 0;
    },
    120,
  );
  const left = (await open()).map(({ metadata }) => metadata.name);
  if (left.length > 0) {
    say(`    not fenced until somebody makes them anew: ${left.join(', ')}`);
  }
}
