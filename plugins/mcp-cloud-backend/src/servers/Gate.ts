import type {
  Operation,
  ServerAction,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { Actor } from '../operations/Actor';
import type { IdempotencyKeys } from '../operations/IdempotencyKeys';
import type { Audit, AuditedAct } from './Audit';
import { principalOf, type Caller } from './Caller';
import type { ServerAccess } from './ServerAccess';
import type { ServerQueries } from './ServerQueries';

/** Lets callers through to what they may do with one server, remembers it, and knows requests that come again. */
export class Gate {
  readonly #queries: ServerQueries;
  readonly #access: ServerAccess;
  readonly #audit: Audit;
  readonly #keys: IdempotencyKeys;

  constructor(options: {
    queries: ServerQueries;
    access: ServerAccess;
    audit: Audit;
    keys: IdempotencyKeys;
  }) {
    this.#queries = options.queries;
    this.#access = options.access;
    this.#audit = options.audit;
    this.#keys = options.keys;
  }

  /** Only a refusal is remembered. */
  async read<T>(
    caller: Caller,
    name: string,
    event: string,
    action: ServerAction,
    work: (row: ServerRow) => T | Promise<T>,
  ): Promise<T> {
    const row = await this.#queries.find(name);
    await this.#audit.read(this.act(caller, event, row), () =>
      this.#access.assertMay(caller, [action], row),
    );
    return work(row);
  }

  change(
    caller: Caller,
    name: string,
    event: string,
    actions: ServerAction[],
    work: (row: ServerRow, actor: Actor) => Promise<Operation>,
  ): Promise<Operation> {
    return this.once(caller, async actor => {
      const row = await this.#queries.find(name);
      return this.#audit.change(this.act(caller, event, row), async () => {
        await this.#access.assertMay(caller, actions, row);
        return work(row, actor);
      });
    });
  }

  /** A request that comes again with its idempotency key gets the operation of the first time. */
  async once(
    caller: Caller,
    work: (actor: Actor) => Promise<Operation>,
  ): Promise<Operation> {
    const principal = principalOf(caller);
    if (!caller.idempotency) {
      return work({ principal });
    }
    const { key, request } = caller.idempotency;
    const idempotencyKey = this.#keys.seal(key, request);
    const known = async () => {
      const id = await this.#keys.find(principal, idempotencyKey);
      return id === undefined ? undefined : this.#queries.operation(id);
    };
    const before = await known();
    if (before) {
      return before;
    }
    try {
      return await work({ principal, idempotencyKey });
    } catch (error) {
      // The same request at the same moment: what it did may be why this one was refused.
      const meanwhile = await known();
      if (meanwhile) {
        return meanwhile;
      }
      throw error;
    }
  }

  act(
    caller: Caller,
    event: string,
    server?: { id?: string; name: string },
  ): AuditedAct {
    return {
      event,
      principal: principalOf(caller),
      request: caller.request,
      server,
    };
  }
}
