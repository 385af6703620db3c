import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  statusOf,
  type Capabilities,
  type McpCloudClient,
  type Server,
} from '@mcp-cloud/plugin-mcp-cloud-common';

/** A server with what its entities tell of it. */
export interface CatalogedServer {
  server: Server;
  /** Address for MCP clients, as they see the portal. */
  url: string;
  /** Missing until its first handshake. */
  capabilities?: Capabilities;
}

type Known = { stamp: string; capabilities?: Capabilities };

const PAGE_SIZE = 100;
const TIMEOUT_MS = 20_000;

/** Reads all servers from the MCP Cloud backend, with the catalog's own credentials. */
export class ServerSource {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #client: McpCloudClient;
  /** Capabilities change by an operation only, so they are asked for once after each. */
  #known = new Map<string, Known>();

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    client: McpCloudClient;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#client = options.client;
  }

  /** Servers that the catalog shows: those that no entity of a repository stands for. */
  async list(): Promise<CatalogedServer[]> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'mcp-cloud',
    });
    const options = { token, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const servers: Server[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#client.listServers(
        { limit: PAGE_SIZE, cursor },
        options,
      );
      servers.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);

    const base = await this.#discovery.getExternalBaseUrl('mcp-cloud');
    const known = new Map<string, Known>();
    const result: CatalogedServer[] = [];
    for (const server of servers) {
      if (server.catalogRef || server.status.state === 'Deleting') {
        continue;
      }
      const stamp = `${server.revision} ${server.operation?.id} ${server.operation?.state}`;
      const before = this.#known.get(server.id);
      const entry =
        before?.stamp === stamp
          ? before
          : {
              stamp,
              capabilities: await this.#capabilities(server.name, options),
            };
      known.set(server.id, entry);
      result.push({
        server,
        url: `${base}/servers/${encodeURIComponent(server.name)}/mcp`,
        capabilities: entry.capabilities,
      });
    }
    this.#known = known;
    return result;
  }

  async #capabilities(
    name: string,
    options: { token: string; signal: AbortSignal },
  ): Promise<Capabilities | undefined> {
    try {
      return await this.#client.getCapabilities(name, options);
    } catch (error) {
      // None yet, or deleted in between; the next operation brings them.
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  }
}
