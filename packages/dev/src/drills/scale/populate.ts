import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type { Person } from '../world/Person.ts';
import type { World } from '../world/World.ts';
import { placement } from './StandIn.ts';

/** Names of all servers of this drill begin so. */
export const PREFIX = 'drill-scale-';
export const PODS_EACH = 5;
const AT_ONCE = 8;

/** A page of a list of servers, as far as it is looked at. */
export interface Page {
  items: Array<{ name: string; owner: string; status: { state: string } }>;
  total: number;
  counts: Record<string, number>;
  nextCursor?: string;
}

/** Whose a server is: each owner has every other one. */
export const owners = [
  { person: 'alice', owner: 'group:default/team-a' },
  { person: 'bob', owner: 'group:default/team-b' },
] as const;

export const nameOf = (index: number) =>
  `${PREFIX}${String(index).padStart(4, '0')}`;

/** Deploys the servers as their owners would, and waits until all of them run. */
export async function populate(
  world: World,
  people: readonly Person[],
): Promise<void> {
  const { servers } = world.amounts;
  let next = 0;
  const deployOn = async () => {
    while (next < servers) {
      const index = next;
      next += 1;
      const who = index % owners.length;
      await people[who].deploy(
        world.spec(nameOf(index), {
          owner: owners[who].owner,
          placement,
          handshake: 'bridge-only',
        }),
        { replicas: PODS_EACH },
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, deployOn));
  await allRun(people[0], servers, 1_800);
}

/** Waits until the portal says of this many servers that they run. */
export async function allRun(
  person: Person,
  servers: number,
  seconds: number,
): Promise<void> {
  await until(
    `${servers} servers that run`,
    async () => {
      const { counts } = await person.ask<Page>('GET', '/servers?limit=1');
      if (counts.Running !== servers) {
        throw new Error(JSON.stringify(counts));
      }
      return true;
    },
    { seconds, everyMs: 500 },
  );
}
