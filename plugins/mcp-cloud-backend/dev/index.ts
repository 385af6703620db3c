/*
 * A backend with this plugin alone, for work on it: yarn workspace @mcp-cloud/plugin-mcp-cloud-backend start
 *
 * It knows no passwords: who you are is in the token.
 *
 *   curl -H 'Authorization: Bearer mock-user-token' http://localhost:7007/api/mcp-cloud/servers
 *
 * MCP_CLOUD_KUBECONFIG names the cluster, MCP_CLOUD_NAMESPACE the namespace; without them there is no cluster.
 * With MCP_CLOUD_POSTGRES, an address of PostgreSQL, several of these (each with a PORT of its own) are replicas.
 */
import { createBackend } from '@backstage/backend-defaults';
import { mockServices } from '@backstage/backend-test-utils';

const {
  MCP_CLOUD_KUBECONFIG: kubeconfig,
  MCP_CLOUD_NAMESPACE: namespace,
  MCP_CLOUD_POSTGRES: postgres,
  PORT = '7007',
} = process.env;

const backend = createBackend();
backend.add(mockServices.auth.factory());
backend.add(mockServices.httpAuth.factory());
backend.add(mockServices.userInfo.factory());
backend.add(
  mockServices.rootConfig.factory({
    data: {
      backend: {
        baseUrl: `http://localhost:${PORT}`,
        listen: { host: '127.0.0.1', port: Number(PORT) },
        database: postgres
          ? { client: 'pg', connection: postgres }
          : { client: 'better-sqlite3', connection: ':memory:' },
      },
      mcpCloud: {
        keys: { secret: 'for development alone, in a database in memory' },
        clusters: kubeconfig
          ? [{ name: 'dev', kubeconfig, ...(namespace && { namespace }) }]
          : [],
      },
    },
  }),
);
backend.add(import('../src'));
backend.start();
