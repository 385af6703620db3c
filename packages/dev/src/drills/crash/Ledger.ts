import type { Operation } from '../world/restModel.ts';

/** A row of the table of operations. */
export interface OperationRow {
  id: string;
  server_id: string;
  server_name: string;
  seq: number;
  kind: string;
  state: string;
  principal: string;
  target: string;
  error: string | null;
}

/** What was asked of the portal, and what it promised: compared in the end with what it has done. */
export class Ledger {
  readonly #acknowledged = new Map<string, string>();
  /** Requests whose first answer was lost, so that they were sent again. */
  repeated = 0;
  /** Requests that were refused with good reason, such as the restart of a stopped server. */
  refused = 0;

  acknowledge({ id, serverName, kind }: Operation): void {
    if (this.#acknowledged.has(id)) {
      throw new Error(`Two requests were answered with the operation ${id}.`);
    }
    this.#acknowledged.set(id, `${kind} of ${serverName} (${id})`);
  }

  get size(): number {
    return this.#acknowledged.size;
  }

  /** Promised, and not in the database. */
  lost(rows: readonly OperationRow[]): string[] {
    const there = new Set(rows.map(({ id }) => id));
    return [...this.#acknowledged]
      .filter(([id]) => !there.has(id))
      .map(([, words]) => words);
  }

  /** In the database in a person's name, and the answer to none of the requests: one request was accepted twice. */
  twice(rows: readonly OperationRow[]): string[] {
    return rows
      .filter(
        ({ id, principal }) =>
          principal.startsWith('user:') && !this.#acknowledged.has(id),
      )
      .map(({ id, kind, server_name }) => `${kind} of ${server_name} (${id})`);
  }

  /** Ended otherwise than well, and not because a later one took its place. */
  static unwell(rows: readonly OperationRow[]): string[] {
    return rows
      .filter(
        ({ state, error }) =>
          state !== 'succeeded' &&
          !(state === 'cancelled' && error?.includes('"Superseded"')),
      )
      .map(
        ({ id, kind, server_name, state, error }) =>
          `${kind} of ${server_name} (${id}) is ${state}: ${error}`,
      );
  }
}
