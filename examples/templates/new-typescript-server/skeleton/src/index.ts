import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { addTools } from './tools.ts';

const server = new McpServer(
  { name: '${{ values.name }}', version: '0.1.0' },
  { instructions: ${{ values.description | dump }} },
);
addTools(server);

// stdout belongs to MCP; whatever people should read goes to stderr, which the portal shows as the log.
console.error('${{ values.name }} is ready');
await server.connect(new StdioServerTransport());
