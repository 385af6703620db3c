import type { ServerDrift } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What was last found out about each server, in memory; each replica finds out for itself. */
export class KnownDrift {
  readonly #byServer = new Map<string, ServerDrift>();

  get(serverId: string): ServerDrift | undefined {
    return this.#byServer.get(serverId);
  }

  /** Whether this is news. */
  set(serverId: string, drift: ServerDrift): boolean {
    const before = this.#byServer.get(serverId);
    this.#byServer.set(serverId, drift);
    return essence(before) !== essence(drift);
  }

  forget(serverId: string): void {
    this.#byServer.delete(serverId);
  }
}

/** A server of which nothing is known is shown as one without drift. */
function essence(drift: ServerDrift | undefined): string {
  return JSON.stringify(drift?.objects ?? []);
}
