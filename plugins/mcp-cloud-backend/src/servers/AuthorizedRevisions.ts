import type {
  Operation,
  Preview,
  previewChangeRequestSchema,
  RevisionDetail,
  RevisionDiff,
  RevisionView,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { z } from 'zod/v3';
import type { ServerPreview } from '../preview/ServerPreview';
import type { Audit } from './Audit';
import type { Caller } from './Caller';
import type { Gate } from './Gate';
import { normaliseRef } from './normaliseRef';
import type { RevisionQueries } from './RevisionQueries';
import type { ServerAccess } from './ServerAccess';
import type { ServerCommands } from './ServerCommands';
import type { ServerQueries } from './ServerQueries';

/**
 * What was, what a change would do, and the way back, as callers get them: decided and remembered in the same way as
 * in `AuthorizedServerService`.
 */
export class AuthorizedRevisions {
  readonly #queries: ServerQueries;
  readonly #commands: ServerCommands;
  readonly #revisions: RevisionQueries;
  readonly #preview: ServerPreview;
  readonly #access: ServerAccess;
  readonly #audit: Audit;
  readonly #gate: Gate;

  constructor(options: {
    queries: ServerQueries;
    commands: ServerCommands;
    revisions: RevisionQueries;
    preview: ServerPreview;
    access: ServerAccess;
    audit: Audit;
    gate: Gate;
  }) {
    this.#queries = options.queries;
    this.#commands = options.commands;
    this.#revisions = options.revisions;
    this.#preview = options.preview;
    this.#access = options.access;
    this.#audit = options.audit;
    this.#gate = options.gate;
  }

  list(caller: Caller, name: string): Promise<RevisionView[]> {
    return this.#gate.read(caller, name, 'revision-list', 'read', row =>
      this.#revisions.list(row),
    );
  }

  get(caller: Caller, name: string, number: number): Promise<RevisionDetail> {
    return this.#gate.read(caller, name, 'revision-get', 'read', row =>
      this.#revisions.get(row, number),
    );
  }

  /** What differs from revision `from`, by default the one before. */
  diff(
    caller: Caller,
    name: string,
    number: number,
    from?: number,
  ): Promise<RevisionDiff> {
    return this.#gate.read(caller, name, 'revision-diff', 'read', row =>
      this.#revisions.diff(row, number, from),
    );
  }

  async label(
    caller: Caller,
    name: string,
    number: number,
    label: string | null,
  ): Promise<void> {
    const row = await this.#queries.find(name);
    const act = this.#gate.act(caller, 'revision-label', row);
    await this.#audit.change(act, async () => {
      await this.#access.assertMay(caller, ['update'], row);
      await this.#commands.label(row, number, label);
    });
  }

  async previewCreate(
    caller: Caller,
    change: { spec: ServerSpec; replicas: number },
  ): Promise<Preview> {
    const { name, owner } = change.spec;
    const act = this.#gate.act(caller, 'server-preview', { name });
    await this.#audit.read(act, async () => {
      await this.#access.assertMayCreate(caller);
      await this.#access.assertMayOwn(
        caller,
        normaliseRef(owner, 'group', 'spec.owner'),
      );
    });
    return this.#preview.create(change);
  }

  previewChange(
    caller: Caller,
    name: string,
    change: z.output<typeof previewChangeRequestSchema>,
  ): Promise<Preview> {
    const action = change.action === 'delete' ? 'delete' : 'update';
    return this.#gate.read(
      caller,
      name,
      'server-preview',
      action,
      async row => {
        if (change.action === 'delete') {
          return this.#preview.delete(row);
        }
        const { spec } =
          change.action === 'update'
            ? change
            : await this.#revisions.get(row, change.revision);
        const owner = normaliseRef(spec.owner, 'group', 'spec.owner');
        if (owner !== row.owner) {
          // It tells of the quota of the new owner.
          const act = this.#gate.act(caller, 'server-preview', row);
          await this.#audit.read(act, () =>
            this.#access.assertMayOwn(caller, owner),
          );
        }
        return change.action === 'update'
          ? this.#preview.update(row, change)
          : this.#preview.rollback(row, change.revision);
      },
    );
  }

  rollback(
    caller: Caller,
    name: string,
    { revision, message }: { revision: number; message?: string },
  ): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      'server-rollback',
      ['update'],
      async (row, actor) => {
        // An earlier revision may be of another owner.
        const { spec } = await this.#revisions.get(row, revision);
        if (spec.owner !== row.owner) {
          await this.#access.assertMayOwn(caller, spec.owner);
        }
        return this.#commands.rollback(row, revision, message, actor);
      },
    );
  }
}
