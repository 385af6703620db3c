import type { ServerUsage } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { UsageStore } from '../usage/UsageStore';
import type { Caller } from './Caller';
import type { Gate } from './Gate';

/** Who called a server's tools how often, for whoever may see the server. */
export class AuthorizedUsage {
  readonly #gate: Gate;
  readonly #store: UsageStore;

  constructor(options: { gate: Gate; usage: UsageStore }) {
    this.#gate = options.gate;
    this.#store = options.usage;
  }

  of(caller: Caller, name: string, since: Date): Promise<ServerUsage> {
    return this.#gate.read(caller, name, 'server-usage', 'read', row =>
      this.#store.view(row.id, since),
    );
  }
}
