import { npmServers } from './npm.ts';
import { pypiServers } from './pypi.ts';
import type { Server } from './server.ts';

/** What the bridge is held against. */
export const servers: readonly Server[] = [...npmServers, ...pypiServers];

/** Those that a cluster also runs, as images, with the bridge beside them. */
const IN_IMAGES = [
  '@modelcontextprotocol/server-everything',
  '@modelcontextprotocol/server-filesystem',
  '@modelcontextprotocol/server-memory',
  'mcp-server-sqlite',
  'mcp-server-time',
];

export const serversInImages = servers.filter(server =>
  IN_IMAGES.includes(server.package),
);
