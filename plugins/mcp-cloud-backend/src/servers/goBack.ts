import type { RevisionOrigin } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import type { ServerRow } from '../database/rows';
import type { Actor } from '../operations/Actor';
import { operationFor } from '../operations/operationFor';
import type { OperationStore } from '../operations/OperationStore';
import type { Quota } from '../quota/Quota';
import type { Revision } from './Revision';
import { columnsOf, type ServerStore } from './ServerStore';

/**
 * Makes the Spec of an earlier revision the newest one again, with an operation that carries this out. Run state and
 * replicas stay as they are, so a stopped server is not started. The server must be locked by the transaction.
 * Throws a `QuotaExceededError`, with nothing written, when its owner may not take so much again.
 */
export async function goBack(
  trx: Knex.Transaction,
  stores: { servers: ServerStore; operations: OperationStore; quota: Quota },
  change: {
    server: ServerRow;
    to: Revision;
    origin: RevisionOrigin;
    actor: Actor;
    message?: string;
  },
): Promise<string> {
  const { server, to, origin, actor, message } = change;
  const revision: Revision = {
    number: server.revision + 1,
    spec: to.spec,
    image: to.image,
    secretVersion: to.secretVersion,
    author: actor.principal,
    message,
    createdAt: new Date().toISOString(),
    origin,
    restores: to.number,
  };
  const after: ServerRow = {
    ...server,
    ...columnsOf(to.spec),
    revision: revision.number,
    secret_version: to.secretVersion ?? null,
  };
  await stores.quota.admit(trx, after, to.spec);
  await stores.servers.addRevision(trx, server.id, revision);
  return stores.operations.accept(trx, operationFor(after, 'rollback', actor));
}
