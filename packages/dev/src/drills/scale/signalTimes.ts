import { sleep, until } from '../../../../dev-cluster/src/system/wait.ts';
import { SignalSocket } from '../world/SignalSocket.ts';
import type { World } from '../world/World.ts';
import { nameOf } from './populate.ts';
import type { StandIn } from './StandIn.ts';

/** Signals of one server that come close together are sent as one, so each change is of another one. */
const PAUSE_MS = 200;

/** How long it takes from the moment at which a pod's change is written until open pages are told. */
export async function signalTimes(
  world: World,
  standIn: StandIn,
  changes: number,
): Promise<number[]> {
  const { kube, amounts } = world;
  const alice = await world.person('alice');
  const told = new Map<string, number>();
  const note = (id: string | undefined) => {
    if (id !== undefined && !told.has(id)) {
      told.set(id, performance.now());
    }
  };
  const socket = await until(
    'the socket of a page',
    () => SignalSocket.open(alice, note),
    { seconds: 30, everyMs: 1_000 },
  );
  const times: number[] = [];
  try {
    for (let change = 0; change < changes; change += 1) {
      const { id } = await alice.server(nameOf(change % amounts.servers));
      const [pod] = await kube.pods(id);
      told.delete(id);
      const begin = performance.now();
      await standIn.setReady(pod, false);
      const at = await until('a signal', () => told.get(id), {
        seconds: 20,
        everyMs: 5,
      });
      times.push(at - begin);
      await standIn.setReady(pod, true);
      await sleep(PAUSE_MS);
    }
  } finally {
    socket.close();
  }
  return times;
}
