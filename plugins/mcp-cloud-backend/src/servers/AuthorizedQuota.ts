import type { OwnerQuota } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Quota } from '../quota/Quota';
import type { Caller } from './Caller';
import { normaliseRef } from './normaliseRef';
import type { ServerAccess } from './ServerAccess';

/** Limits and use of owners, for whoever makes servers for them or may see one of theirs. */
export class AuthorizedQuota {
  readonly #access: ServerAccess;
  readonly #quota: Quota;

  constructor(options: { access: ServerAccess; quota: Quota }) {
    this.#access = options.access;
    this.#quota = options.quota;
  }

  /** Without `asked` all that the caller may see; administrators may ask for any owner. */
  async list(caller: Caller, asked?: string[]): Promise<OwnerQuota[]> {
    const [own, isAdministrator, readable] = await Promise.all([
      this.#access.ownersOf(caller),
      this.#access.isAdministrator(caller),
      this.#access.readable(caller),
    ]);
    const visible = new Set([...own, ...(await this.#quota.owners(readable))]);
    const owners = asked
      ? asked
          .map(ref => normaliseRef(ref, 'group', 'owner'))
          .filter(owner => isAdministrator || visible.has(owner))
      : [...visible];
    return this.#quota.list([...new Set(owners)].sort());
  }
}
