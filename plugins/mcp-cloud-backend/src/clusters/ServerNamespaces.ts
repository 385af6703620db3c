import type { OwnerNamespaces } from '@mcp-cloud/plugin-mcp-cloud-node';
import { ownerNamespace } from './ownerNamespace';

/** In which namespaces of one cluster servers live: all in one, or those of each owner in one of its own. */
export class ServerNamespaces {
  constructor(
    /** Where all servers live, or those from before owners had their own. */
    readonly shared: string,
    /** How the namespaces of owners are made; nothing where all servers share one. */
    readonly perOwner?: OwnerNamespaces,
  ) {}

  /** Where a new server of this owner is put. A server stays where it was put. */
  of(owner: string): string {
    return this.perOwner
      ? ownerNamespace(this.perOwner.prefix, owner)
      : this.shared;
  }

  /** Whether servers live there. What stands elsewhere is none of ours, whatever its labels say. */
  has(namespace: string | undefined): boolean {
    return namespace === this.shared || this.#isMade(namespace);
  }

  /** How this one is made, if that is the backend's task. */
  settingsOf(namespace: string): OwnerNamespaces | undefined {
    return this.#isMade(namespace) ? this.perOwner : undefined;
  }

  /** Where to list and watch; nothing means the whole cluster. */
  get watched(): string | undefined {
    return this.perOwner ? undefined : this.shared;
  }

  #isMade(namespace = ''): boolean {
    return Boolean(this.perOwner && namespace.startsWith(this.perOwner.prefix));
  }
}
