import type { Writable } from 'node:stream';
import type { BackupImported } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { Clusters } from '../clusters/types';
import type { TokenSigner } from '../keys/types';
import type { ServerChanges } from '../servers/ServerChanges';
import { BackupExport } from './BackupExport';
import { BackupImport } from './BackupImport';

/** What making and taking backups stands upon. */
export interface BackupOptions {
  knex: Knex;
  clusters: Clusters;
  /** `mcpCloud.keys.secret`. */
  keySecret: string;
  signer: Pick<TokenSigner, 'reload'>;
  changes: ServerChanges;
  /** Tells all bridges the portal's public keys. */
  distributeKeys: () => Promise<void>;
  /** Has the runner look for work. */
  wake: () => void;
}

/** Backups of all that is ours, and what follows when one has been put back. */
export class Backup {
  readonly #options: BackupOptions;
  readonly #export: BackupExport;
  readonly #import: BackupImport;

  constructor(options: BackupOptions) {
    this.#options = options;
    this.#export = new BackupExport(options.knex);
    this.#import = new BackupImport(options);
  }

  /** `open` gets the number of bytes and gives what to write to. */
  write(open: (size: number) => Writable): Promise<void> {
    return this.#export.write(open);
  }

  /** `ownKeys`: the portal keeps its own signing keys, and bridges learn them. */
  async read(
    file: AsyncIterable<Buffer>,
    { ownKeys }: { ownKeys: boolean },
  ): Promise<BackupImported> {
    const { signer, changes, distributeKeys, wake } = this.#options;
    const { serverIds, ...imported } = await this.#import.read(file, {
      ownKeys,
    });
    await signer.reload();
    if (imported.signingKeys === 'own') {
      await distributeKeys();
    }
    serverIds.forEach(id => changes.listChanged(id));
    wake();
    return imported;
  }
}
