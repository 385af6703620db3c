import { mockServices } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { AppliedManifests } from '../operations/AppliedManifests';
import { LeaseStore } from '../operations/LeaseStore';
import { OperationExecutor } from '../operations/OperationExecutor';
import { OperationRunner } from '../operations/OperationRunner';
import { OperationStore } from '../operations/OperationStore';
import { Quota } from '../quota/Quota';
import { RevisionStore } from '../servers/RevisionStore';
import { SecretVersions } from '../servers/SecretVersions';
import { ServerKeys } from '../servers/ServerKeys';
import { ServerStore } from '../servers/ServerStore';
import type { FakeWorld } from './FakeWorld';
import { Life, mortal } from './mortal';

/** A backend replica's runner with a life of its own, on a common database and cluster; for tests. */
export function testReplica(
  knex: Knex,
  world: FakeWorld,
  options: { leaseMs?: number; timeoutMs?: number; life?: Life } = {},
) {
  const { leaseMs = 600, timeoutMs = 60_000, life = new Life() } = options;
  const leases = mortal(new LeaseStore(knex, leaseMs), life);
  const executor = new OperationExecutor({
    leases,
    servers: mortal(new ServerStore(knex), life),
    revisions: mortal(new RevisionStore(knex), life),
    secretVersions: mortal(new SecretVersions(knex), life),
    secretStore: mortal(world.secretStore, life),
    clusters: world.clusters,
    delivery: mortal(world.delivery, life),
    applied: mortal(new AppliedManifests(knex), life),
    allowedManagers: new Set(),
    rules: {},
    render: world.render,
    statuses: world.statusService,
    gateway: mortal(world.gateway, life),
    changes: { changed: () => {}, listChanged: () => {} },
    keys: new ServerKeys(knex),
    quota: new Quota({
      knex,
      limits: { default: {}, owners: new Map() },
      revisions: new RevisionStore(knex),
      applied: new AppliedManifests(knex),
    }),
    mend: serverId => new OperationStore(knex).mend(serverId),
    clearAfterMove: async () => {},
    logger: mockServices.logger.mock(),
    timeoutMs,
    failingMs: 100,
    handshakeMs: 100,
  });
  const runner = new OperationRunner({
    leases,
    execute: (operation, lease) => executor.execute(operation, lease),
    logger: mockServices.logger.mock(),
    leaseMs,
    pollMs: 50,
  });
  runner.start();
  return { runner, life };
}
