import type { Operation, ServerState } from './model';

/** Topic of Backstage's events service on which the backend tells other plugins what becomes of servers. */
export const SERVERS_TOPIC = 'mcp-cloud.servers';

/** What becomes of a server. `kind` may get more values; leave alone what you do not know. */
export type ServerNews =
  | {
      /** A server came, went, said something new of itself, or has another revision. */
      kind: 'list-changed';
    }
  | {
      kind: 'operation-accepted' | 'operation-ended';
      operation: Pick<
        Operation,
        'id' | 'kind' | 'state' | 'principal' | 'revision' | 'cause'
      > & {
        /** Machine-readable, when it failed or was cancelled. */
        reason?: string;
      };
    }
  | {
      kind: 'state-changed';
      state: ServerState;
      /** Missing at the first look at a server. */
      before?: ServerState;
      /** Machine-readable, in CamelCase. */
      reason: string;
    };

/** What is told on {@link SERVERS_TOPIC}: no secrets, no messages, nothing of a Spec. */
export type ServersEvent = {
  /** The server's, which no other ever has. */
  id: string;
  name: string;
  /** Entity reference. */
  owner: string;
  cluster: string;
} & ServerNews;
