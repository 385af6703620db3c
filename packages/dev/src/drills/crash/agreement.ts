import assert from 'node:assert/strict';
import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type { Person } from '../world/Person.ts';
import type { Server, Spec } from '../world/restModel.ts';
import type { World } from '../world/World.ts';
import type { Hand } from './Hand.ts';

type Detail = Server & { spec: Spec };

/** Names of all servers of this drill begin so. */
export const PREFIX = 'drill-crash-';

/** Database and cluster agree on a server, and both on what was promised of it. Returns its id while it lives. */
export async function agree(
  { kube }: World,
  person: Person,
  hand: Hand,
): Promise<string | undefined> {
  const answer = await person.send<Detail>('GET', `/servers/${hand.name}`);
  const server = answer.status === 404 ? undefined : answer.body;
  assert.deepEqual(hand.differences(server), []);
  const deployment = await kube.deployment(hand.name);
  if (!server) {
    assert.equal(deployment, undefined, `${hand.name} is gone`);
    return undefined;
  }
  const stopped = server.runState === 'stopped';
  const replicas = stopped ? 0 : server.replicas;
  assert.equal(deployment?.metadata.labels?.['mcp-cloud.io/server'], server.id);
  assert.equal(deployment?.spec?.replicas, replicas);
  assert.equal(
    deployment?.metadata.annotations?.['mcp-cloud.io/revision'],
    String(server.revision),
  );
  await until(
    `${replicas} pods of ${hand.name}`,
    async () => {
      const { state, pods } = await person.status(hand.name);
      const ready = (await kube.readyPods(server.id)).length;
      return (
        state === (stopped ? 'Stopped' : 'Running') &&
        pods.ready === replicas &&
        ready === replicas
      );
    },
    { seconds: 60 },
  );
  return server.id;
}

/** No object of this drill's is anybody else's than these servers', by the portal's own search and by ours. */
export async function noOrphans(
  { kube }: World,
  administrator: Person,
  living: ReadonlySet<string>,
): Promise<void> {
  const { items } = await administrator.ask<{
    items: Array<{ serverId: string; objects: Array<{ name: string }> }>;
  }>('GET', '/orphans');
  assert.deepEqual(
    items.filter(({ objects }) =>
      objects.some(({ name }) => name.startsWith(`mcp-${PREFIX}`)),
    ),
    [],
  );
  await until(
    'no object of a server that is gone',
    async () => {
      const found = await kube.labelled(`mcp-${PREFIX}`);
      const left = found.filter(({ server }) => !living.has(server ?? ''));
      if (left.length) {
        throw new Error(left.map(({ path }) => path).join(', '));
      }
      return true;
    },
    // A Secret that no server came to use is collected after a while.
    { seconds: 400, everyMs: 2_000 },
  );
}
