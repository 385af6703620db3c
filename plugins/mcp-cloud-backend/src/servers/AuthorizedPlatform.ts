import type { Writable } from 'node:stream';
import type {
  AuditList,
  AuditQuery,
  BackupImported,
  ImageView,
  OrphanList,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Backup } from '../backup/Backup';
import type { ImageRegistries } from '../images/types';
import type { Audit } from './Audit';
import type { AuditQueries } from './AuditQueries';
import type { Caller } from './Caller';
import type { Gate } from './Gate';
import type { Orphans } from './Orphans';
import type { ServerAccess } from './ServerAccess';

/** Criteria that every server fulfils. */
const EVERY_SERVER = {
  not: { column: 'owner' as const, values: [] as string[] },
};

/** What is about the platform as a whole; administrators see and do all of it. */
export class AuthorizedPlatform {
  readonly #access: ServerAccess;
  readonly #audit: Audit;
  readonly #gate: Gate;
  readonly #events: AuditQueries;
  readonly #orphans: Orphans;
  readonly #registries: ImageRegistries;
  readonly #backup: Backup;

  constructor(options: {
    access: ServerAccess;
    audit: Audit;
    gate: Gate;
    events: AuditQueries;
    orphans: Orphans;
    registries: ImageRegistries;
    backup: Backup;
  }) {
    this.#access = options.access;
    this.#audit = options.audit;
    this.#gate = options.gate;
    this.#events = options.events;
    this.#orphans = options.orphans;
    this.#registries = options.registries;
    this.#backup = options.backup;
  }

  /** Others than administrators see what was done to servers that they may read. */
  async auditEvents(
    caller: Caller,
    query: AuditQuery & { limit: number },
  ): Promise<AuditList> {
    if (await this.#access.isAdministrator(caller)) {
      return this.#events.list(query);
    }
    // Also where a policy lets somebody read every server: what is about no server is for administrators alone.
    const readable = (await this.#access.readable(caller)) ?? EVERY_SERVER;
    return this.#events.list(query, readable);
  }

  /** For whoever makes servers: the registries are asked with the platform's own logins. */
  async image(caller: Caller, ref: string): Promise<ImageView> {
    await this.#audit.read(this.#gate.act(caller, 'image-get'), () =>
      this.#access.assertMayCreate(caller),
    );
    const answer = await this.#registries.lookUp(ref);
    switch (answer.state) {
      case 'found':
        return { state: 'found', ...answer.facts };
      case 'unknown':
        return { state: 'unknown', reason: answer.reason };
      default:
        return { state: 'missing' };
    }
  }

  async orphans(caller: Caller): Promise<OrphanList> {
    await this.#audit.read(this.#gate.act(caller, 'orphan-list'), () =>
      this.#access.assertAdministrator(caller),
    );
    return this.#orphans.list();
  }

  removeOrphan(
    caller: Caller,
    cluster: string,
    serverId: string,
  ): Promise<void> {
    const act = this.#gate.act(caller, 'orphan-remove', {
      id: serverId,
      name: '',
    });
    return this.#audit.change(act, async () => {
      await this.#access.assertAdministrator(caller);
      await this.#orphans.remove(cluster, serverId);
    });
  }

  /** `open` gets the number of bytes and gives what to write to. */
  exportBackup(
    caller: Caller,
    open: (size: number) => Writable,
  ): Promise<void> {
    return this.#audit.change(
      this.#gate.act(caller, 'backup-export'),
      async () => {
        await this.#access.assertAdministrator(caller);
        await this.#backup.write(open);
      },
    );
  }

  async importBackup(
    caller: Caller,
    file: AsyncIterable<Buffer>,
    options: { ownKeys: boolean },
  ): Promise<BackupImported> {
    let imported: BackupImported;
    await this.#audit.change(
      this.#gate.act(caller, 'backup-import'),
      async () => {
        await this.#access.assertAdministrator(caller);
        imported = await this.#backup.read(file, options);
      },
    );
    return imported!;
  }
}
