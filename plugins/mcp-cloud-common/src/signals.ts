/** Channel of the signals plugin on which changes of servers are told. */
export const SERVERS_CHANNEL = 'mcp-cloud:servers';

/**
 * Says that something of a server changed, and nothing else: signals reach anyone who opens a socket. Without an `id` any
 * server may have, as when a cluster goes or comes back. `version` is the status version to ask for (`?after=`).
 */
export type ServersSignal = { id?: string; version: number };
