import { mockServices } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { createServices, type ServicesOptions } from '../createServices';
import { HttpImageRegistries } from '../images/HttpImageRegistries';
import { KnownDrift } from '../drift/KnownDrift';
import type { FakeWorld } from './FakeWorld';

/** The services on a database and a cluster in memory, without users; for tests. */
export function testServices(
  knex: Knex,
  world: FakeWorld,
  rest: Partial<ServicesOptions> = {},
) {
  return createServices({
    knex,
    logger: mockServices.logger.mock(),
    auditor: mockServices.auditor.mock({
      createEvent: async () => ({
        success: async () => {},
        fail: async () => {},
      }),
    }),
    permissions: mockServices.permissions.mock(),
    userInfo: mockServices.userInfo.mock(),
    administrators: [],
    operationTimeoutMs: 60_000,
    automaticRollback: true,
    rules: {},
    registries: new HttpImageRegistries([]),
    quotaLimits: { default: {}, owners: new Map() },
    history: {
      keepRevisions: 50,
      operationsMs: 1e9,
      auditMs: 1e9,
      usageMs: 1e9,
    },
    keySecret: 'a secret for a test',
    clusters: world.clusters,
    delivery: world.delivery,
    deliveryPreview: world.deliveryPreview,
    driftFinder: world.driftFinder,
    driftSettings: {
      allowedManagers: new Set(),
      repairsItself: false,
      periodMs: 1e9,
    },
    knownDrift: new KnownDrift(),
    secretStore: world.secretStore,
    statuses: world.statusService,
    metrics: { metrics: () => ({ stepSeconds: 10, samples: [], limits: {} }) },
    gateway: world.gateway,
    signer: {
      sign: jest.fn(),
      verify: jest.fn(),
      publicKeys: () => [],
      reload: async () => {},
    },
    recovery: { enabled: true, afterMs: 60_000 },
    changes: { changed: () => {}, listChanged: () => {} },
    render: world.render,
    externalBaseUrl: async () => 'http://portal/api/mcp-cloud',
    ...rest,
  });
}
