import type {
  NewServerKey,
  Operation,
  ServerKey,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Audit } from './Audit';
import { principalOf, type Caller } from './Caller';
import type { Gate } from './Gate';
import type { KeyCommands } from './KeyCommands';
import type { ServerAccess } from './ServerAccess';
import type { ServerKeys } from './ServerKeys';
import type { ServerQueries } from './ServerQueries';

/**
 * Keys of servers as callers get them, decided and remembered in the same way as in `AuthorizedServerService`. Who has
 * a key may call the server, so keys are for those who may say in the Spec who may.
 */
export class AuthorizedKeys {
  readonly #queries: ServerQueries;
  readonly #commands: KeyCommands;
  readonly #keys: ServerKeys;
  readonly #access: ServerAccess;
  readonly #audit: Audit;
  readonly #gate: Gate;

  constructor(options: {
    queries: ServerQueries;
    keyCommands: KeyCommands;
    keys: ServerKeys;
    access: ServerAccess;
    audit: Audit;
    gate: Gate;
  }) {
    this.#queries = options.queries;
    this.#commands = options.keyCommands;
    this.#keys = options.keys;
    this.#access = options.access;
    this.#audit = options.audit;
    this.#gate = options.gate;
  }

  list(caller: Caller, name: string): Promise<ServerKey[]> {
    return this.#gate.read(caller, name, 'key-list', 'update', row =>
      this.#keys.list(row.id),
    );
  }

  async create(
    caller: Caller,
    name: string,
    key: { name: string; scopes: string[] },
  ): Promise<NewServerKey> {
    const row = await this.#queries.find(name);
    let made: NewServerKey | undefined;
    await this.#audit.change(
      this.#gate.act(caller, 'key-create', row),
      async () => {
        await this.#access.assertMay(caller, ['update'], row);
        made = await this.#commands.create(row, key, {
          principal: principalOf(caller),
        });
        return made.operation;
      },
    );
    return made!;
  }

  end(caller: Caller, name: string, id: string): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      'key-end',
      ['update'],
      (row, actor) => this.#commands.end(row, id, actor),
    );
  }
}
