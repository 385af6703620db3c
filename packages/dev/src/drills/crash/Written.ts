import type { KubeObject } from '../world/Kube.ts';
import type { OperationRow } from './Ledger.ts';

const FENCE = 'mcp-cloud.io/fence';
const REVISION = 'mcp-cloud.io/revision';
const RESTARTED = 'mcp-cloud.io/restarted-at';

interface Template {
  metadata?: { annotations?: Record<string, string> };
}

interface Target {
  revision: number;
  replicas: number;
  runState: string;
  restartedAt?: string;
}

const inWords = (revision: unknown, replicas: unknown, restartedAt = 'never') =>
  `revision ${revision}, ${replicas} pods, restarted ${restartedAt}`;

const stateOf = ({ revision, replicas, runState, restartedAt }: Target) =>
  inWords(revision, runState === 'stopped' ? 0 : replicas, restartedAt);

/** The index of the first of `seen` that is not next in `wanted`, of which some may be left out. */
export function firstOutOfOrder(
  seen: readonly string[],
  wanted: readonly string[],
): number | undefined {
  let from = 0;
  for (const [index, state] of seen.entries()) {
    const at = wanted.indexOf(state, from);
    if (at < 0) {
      return index;
    }
    from = at;
    // The same state wanted by several in a row is written once.
    while (wanted[from] === state) {
      from += 1;
    }
  }
  return undefined;
}

/** What was written to the Deployments of servers, in its order, from each change that the API server tells. */
export class Written {
  readonly #byServer = new Map<string, { states: string[]; fence: number }>();
  /** Writes of a runner after those of a newer one. */
  readonly overtaken: string[] = [];

  note({ metadata, spec }: KubeObject): void {
    const id = metadata.labels?.['mcp-cloud.io/server'];
    const { [FENCE]: stamp, [REVISION]: revision } = metadata.annotations ?? {};
    if (!id || !stamp) {
      return;
    }
    const known = this.#byServer.get(id) ?? { states: [], fence: 0 };
    this.#byServer.set(id, known);
    const fence = Number(stamp);
    if (fence < known.fence) {
      this.overtaken.push(
        `${metadata.name}: run ${fence} wrote after ${known.fence}`,
      );
    }
    known.fence = Math.max(known.fence, fence);
    const template = spec?.template as Template | undefined;
    const state = inWords(
      revision,
      spec?.replicas,
      template?.metadata?.annotations?.[RESTARTED],
    );
    if (known.states.at(-1) !== state) {
      known.states.push(state);
    }
  }

  /** How many different states were written one after the other, all servers together. */
  get changes(): number {
    return [...this.#byServer.values()].reduce(
      (sum, { states }) => sum + states.length,
      0,
    );
  }

  /**
   * Of each server, what was written against what its operations were to write, in the order in which they were
   * accepted. A state that comes once more, or after a later one, was done twice.
   */
  outOfOrder(rows: readonly OperationRow[]): string[] {
    const found: string[] = [];
    for (const [id, { states }] of this.#byServer) {
      const wanted = rows
        .filter(({ server_id, kind }) => server_id === id && kind !== 'delete')
        .sort((a, b) => a.seq - b.seq)
        .map(({ target }) => stateOf(JSON.parse(target) as Target));
      const strange = firstOutOfOrder(states, wanted);
      if (strange !== undefined) {
        found.push(`server ${id}: ${states[strange]} was written out of turn`);
      }
    }
    return found;
  }
}
