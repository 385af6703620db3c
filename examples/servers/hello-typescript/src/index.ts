import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { addTools } from './tools.js';

const server = new McpServer({ name: 'hello-typescript', version: '0.1.0' });
addTools(server);

// stdout belongs to MCP; whatever is to be read by people goes to stderr.
console.error('hello-typescript is listening on stdio');
await server.connect(new StdioServerTransport());
