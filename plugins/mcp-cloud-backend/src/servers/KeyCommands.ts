import { ConflictError } from '@backstage/errors';
import type {
  NewServerKey,
  Operation,
  ServerKey,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { Actor } from '../operations/Actor';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import type { Acceptance } from './Acceptance';
import type { RevisionStore } from './RevisionStore';
import type { ServerKeys } from './ServerKeys';

/** Makes and ends keys, each with the operation that tells the bridges. Knows no users' rights: see `AuthorizedKeys`. */
export class KeyCommands {
  readonly #keys: ServerKeys;
  readonly #revisions: RevisionStore;
  readonly #operations: OperationStore;
  readonly #acceptance: Acceptance;

  constructor(options: {
    keys: ServerKeys;
    revisions: RevisionStore;
    operations: OperationStore;
    acceptance: Acceptance;
  }) {
    this.#keys = options.keys;
    this.#revisions = options.revisions;
    this.#operations = options.operations;
    this.#acceptance = options.acceptance;
  }

  async create(
    row: ServerRow,
    key: { name: string; scopes: string[] },
    actor: Actor,
  ): Promise<NewServerKey> {
    let made: (ServerKey & { key: string }) | undefined;
    const operation = await this.#acceptance.accept(row.id, async trx => {
      const now = await this.#acceptance.lock(trx, row);
      const { spec } = await this.#revisions.get(row.id, now.revision, trx);
      if (spec.auth !== 'keys') {
        throw new ConflictError(
          `"${row.name}" takes no keys, as its Spec has auth: ${spec.auth}. Deploy it with auth: keys first.`,
        );
      }
      made = await this.#keys.insert(trx, row.id, {
        ...key,
        createdBy: actor.principal,
      });
      return this.#operations.accept(trx, operationFor(now, 'rotate', actor));
    });
    return { ...made!, operation };
  }

  /** Bridges refuse the key as soon as they have heard of it; streams that it opened end then. */
  end(row: ServerRow, id: string, actor: Actor): Promise<Operation> {
    return this.#acceptance.accept(row.id, async trx => {
      const now = await this.#acceptance.lock(trx, row);
      await this.#keys.remove(trx, row.id, id);
      return this.#operations.accept(trx, operationFor(now, 'rotate', actor));
    });
  }
}
