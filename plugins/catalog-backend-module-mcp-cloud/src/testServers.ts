import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { CatalogedServer } from './ServerSource';

/** A server as the backend lists it, for tests. */
export function testServer(change: Partial<Server> & { name: string }): Server {
  return {
    id: `id-${change.name}`,
    application: change.name,
    environment: 'default',
    owner: 'group:default/team-a',
    cluster: 'dev',
    namespace: 'mcp',
    image: 'r.example.com/tools:1',
    runState: 'running',
    replicas: 1,
    revision: 1,
    etag: 'e1',
    createdAt: '2026-01-01T00:00:00Z',
    createdBy: 'user:default/alice',
    updatedAt: '2026-01-01T00:00:00Z',
    status: {
      state: 'Running',
      reason: 'Ready',
      message: '',
      pods: { desired: 1, ready: 1, total: 1 },
      version: 1,
    },
    allowed: [],
    ...change,
  };
}

/** A server with its capabilities, for tests. */
export function cataloged(
  change: Partial<Server> & { name: string },
  more: Partial<CatalogedServer> = {},
): CatalogedServer {
  return {
    server: testServer(change),
    url: `https://portal/servers/${change.name}/mcp`,
    capabilities: {
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'tools', version: '1.2.3' },
      instructions: '# Counts words.\nAnd more.',
      tools: [{ name: 'count', description: 'Counts' }],
      prompts: [],
      resources: [],
      listedAt: '2026-01-01T00:00:00Z',
      revision: 1,
    },
    ...more,
  };
}
