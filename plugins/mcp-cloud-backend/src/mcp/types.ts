import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { Capabilities } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ClusterConnection, BridgeReport } from '../clusters/types';

/** What a bridge says at `/usage`; the contract is packages/bridge's. Counts never fall while `bootId` is the same. */
export interface BridgeUsage {
  bootId: string;
  usage: Array<{
    principal: string;
    tool: string;
    calls: number;
    lastCallAt: string;
  }>;
}

/** The way from the backend to servers' bridges: through the API server's proxy, with a short token of our own. */
export interface BridgeGateway {
  /** initialize, then lists tools, prompts and resources; ends its session. Throws with the bridge's words. */
  handshake(
    cluster: ClusterConnection,
    server: { id: string; name: string; revision: number },
    signal: AbortSignal,
  ): Promise<Capabilities>;
  /**
   * Whether an MCP client that came to this pod now would be served: `initialize` and one request more. Throws when
   * not; a full server counts as one that answers.
   */
  probe(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    signal: AbortSignal,
  ): Promise<void>;
  /** `/status` of the bridge in one pod. */
  report(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    signal: AbortSignal,
  ): Promise<BridgeReport>;
  /** `/usage` of the bridge in one pod. */
  usage(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    signal: AbortSignal,
  ): Promise<BridgeUsage>;
  /** Passes an MCP request on and its answer back, undelayed; ends when either side goes or the token expires. */
  proxy(
    cluster: ClusterConnection,
    server: { id: string; name: string },
    caller: { subject: string; expiresAt?: Date },
    req: Request & IncomingMessage,
    res: Response,
  ): Promise<void>;
  /** Ends every open stream; part of the backend's shutdown. */
  close(): void;
}
