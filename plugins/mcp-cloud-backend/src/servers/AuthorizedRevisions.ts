import type {
  moveRequestSchema,
  Operation,
  Preview,
  previewChangeRequestSchema,
  promoteRequestSchema,
  RevisionDetail,
  RevisionDiff,
  RevisionView,
  ServerAction,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { z } from 'zod/v3';
import type { ServerRow } from '../database/rows';
import type { ServerPreview } from '../preview/ServerPreview';
import type { Audit } from './Audit';
import type { Caller } from './Caller';
import type { Gate } from './Gate';
import { normaliseRef } from './normaliseRef';
import type { Promotion } from './Promotion';
import type { RevisionQueries } from './RevisionQueries';
import type { ServerAccess } from './ServerAccess';
import type { ServerCommands } from './ServerCommands';
import type { ServerMoves } from './ServerMoves';
import type { ServerQueries } from './ServerQueries';
import { etagOf } from './toServer';

/**
 * What was, what a change would do, and the way back, as callers get them: decided and remembered in the same way as
 * in `AuthorizedServerService`.
 */
export class AuthorizedRevisions {
  readonly #queries: ServerQueries;
  readonly #commands: ServerCommands;
  readonly #revisions: RevisionQueries;
  readonly #preview: ServerPreview;
  readonly #promotion: Promotion;
  readonly #moves: ServerMoves;
  readonly #access: ServerAccess;
  readonly #audit: Audit;
  readonly #gate: Gate;

  constructor(options: {
    queries: ServerQueries;
    commands: ServerCommands;
    revisions: RevisionQueries;
    preview: ServerPreview;
    promotion: Promotion;
    moves: ServerMoves;
    access: ServerAccess;
    audit: Audit;
    gate: Gate;
  }) {
    this.#queries = options.queries;
    this.#commands = options.commands;
    this.#revisions = options.revisions;
    this.#preview = options.preview;
    this.#promotion = options.promotion;
    this.#moves = options.moves;
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
    if (change.action === 'promote') {
      return this.#previewPromotion(caller, name, change);
    }
    const action = change.action === 'delete' ? 'delete' : 'update';
    return this.#gate.read(
      caller,
      name,
      'server-preview',
      action,
      async row => {
        if (change.action === 'move') {
          const act = this.#gate.act(caller, 'server-preview', row);
          await this.#audit.read(act, () =>
            this.#assertMayThere(caller, ['update'], row, change),
          );
          return this.#preview.move(row, change.cluster);
        }
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

  async #previewPromotion(
    caller: Caller,
    name: string,
    change: { to: string; revision?: number; newSecretValues: boolean },
  ): Promise<Preview> {
    const event = 'server-preview';
    const [source, { name: target }] = await this.#ends(
      caller,
      name,
      event,
      change.to,
    );
    return this.#gate.read(caller, target, event, 'update', async row => {
      const { revision = source.revision, newSecretValues } = change;
      const promoted = await this.#promotion.revision(source, row, revision);
      const preview = await this.#preview.update(row, {
        ...promoted,
        newSecretValues,
      });
      return {
        ...preview,
        action: 'promote',
        warnings: [
          ...preview.warnings,
          ...(source.good_revision === revision
            ? []
            : [
                {
                  reason: 'NotSeenRunning',
                  message: `Revision ${revision} is not the one that was last seen to run on "${name}".`,
                },
              ]),
        ],
      };
    });
  }

  /** Where a promotion comes from, for whoever may see that, and where it goes. */
  async #ends(caller: Caller, name: string, event: string, to: string) {
    const source = await this.#gate.read(
      caller,
      name,
      event,
      'read',
      row => row,
    );
    return [source, await this.#promotion.target(source, to)] as const;
  }

  async promote(
    caller: Caller,
    name: string,
    request: z.output<typeof promoteRequestSchema>,
  ): Promise<Operation> {
    const { to, revision, secretValues, message } = request;
    const event = 'server-promote';
    const [source, target] = await this.#ends(caller, name, event, to);
    const from = revision ?? source.revision;
    return this.#gate.change(
      caller,
      target.name,
      event,
      withSecrets(secretValues),
      async (row, actor) => {
        const promoted = await this.#promotion.revision(source, row, from);
        return this.#commands.update(
          row,
          etagOf(row),
          {
            ...promoted,
            secretValues,
            message: message ?? `Revision ${from} of ${name}`,
            origin: 'promote',
          },
          actor,
        );
      },
    );
  }

  /** Whoever moves a server may change it where it is and where it comes. */
  move(
    caller: Caller,
    name: string,
    request: z.output<typeof moveRequestSchema>,
  ): Promise<Operation> {
    const actions = withSecrets(request.secretValues);
    return this.#gate.change(
      caller,
      name,
      'server-move',
      actions,
      async (row, actor) => {
        await this.#assertMayThere(caller, actions, row, request);
        return this.#moves.move(row, request, actor);
      },
    );
  }

  /** As if the server were in the other cluster already. */
  #assertMayThere(
    caller: Caller,
    actions: ServerAction[],
    row: ServerRow,
    there: { cluster: string },
  ): Promise<void> {
    const moved = { ...row, ...this.#moves.place(row, there.cluster) };
    return this.#access.assertMay(caller, actions, moved);
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

function withSecrets(
  values: Record<string, string> | undefined,
): ServerAction[] {
  return values ? ['update', 'secrets'] : ['update'];
}
