import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Person } from './Person.ts';

/** An MCP session with a server through the portal, as any MCP client opens it. */
export class McpClient {
  readonly #client: Client;
  readonly #transport: StreamableHTTPClientTransport;

  private constructor(
    client: Client,
    transport: StreamableHTTPClientTransport,
  ) {
    this.#client = client;
    this.#transport = transport;
  }

  static async connect(person: Person, server: string): Promise<McpClient> {
    const client = new Client({ name: 'drill', version: '1.0.0' });
    const url = new URL(`${person.base}/servers/${server}/mcp`);
    const headers = { Authorization: `Bearer ${person.token}` };
    const transport = new StreamableHTTPClientTransport(url, {
      requestInit: { headers },
    });
    await client.connect(transport);
    return new McpClient(client, transport);
  }

  /** Calls a tool and returns the text of its answer. */
  async call(
    name: string,
    input: Record<string, unknown> = {},
  ): Promise<string> {
    const result = await this.#client.callTool({ name, arguments: input });
    const [first] = result.content as Array<{ text?: string }>;
    if (result.isError) {
      throw new Error(`${name}: ${first?.text}`);
    }
    return first?.text ?? '';
  }

  /** Ends the session too, whose place at the server is one of few. */
  async close(): Promise<void> {
    try {
      await this.#transport.terminateSession();
    } catch (error) {
      // Its pod may be gone, and the session with it.
      if (!(error instanceof StreamableHTTPError && error.code === 404)) {
        throw error;
      }
    }
    await this.#client.close();
  }
}
