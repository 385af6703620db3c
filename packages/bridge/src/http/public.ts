import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BridgeConfig } from '../config/schema';
import { Refusal } from '../frames/errors';
import type { BridgeMetrics } from '../observability/metrics';
import type { Logger } from '../observability/logger';
import type { StatusReporter } from '../observability/status';
import type { Principal } from '../session/types';
import { sendHealth } from './admin';
import { sendJson, sendRefusal } from './errors';
import type { Gate } from './gate';
import { allowedHeaders, corsHeaders, guard } from './guard';
import type { Permit } from './permit';
import { wrongMethod } from './request';
import { requestIdOf } from './requestId';

/** The other replicas, for requests that have been read. There are none for what a replica has passed on. */
export interface Elsewhere {
  /**
   * Passes a request on to where the call waits that its `requestState` names.
   * @returns whether it waits on another replica
   * @throws Refusal before anything was answered
   */
  resume(
    state: string,
    body: string,
    req: IncomingMessage,
    res: ServerResponse,
    principal: Principal,
  ): Promise<boolean>;
}

/** What serves the requests of one path. */
export interface McpEndpoint {
  /** For the header `Allow`. */
  readonly methods: string;
  /** The session that a request names, where requests name one; it may live on another replica. */
  readonly sessionIdOf?: (req: IncomingMessage) => string | undefined;
  /** Serves a request whose sender is known. @throws Refusal before anything was answered */
  handle(
    req: IncomingMessage,
    res: ServerResponse,
    permit: Permit,
    elsewhere?: Elsewhere,
  ): Promise<void> | void;
}

export interface PublicOptions {
  readonly config: () => BridgeConfig;
  readonly gate: Gate;
  /** By path. */
  readonly ends: ReadonlyMap<string, McpEndpoint>;
  readonly reporter: StatusReporter;
  readonly metrics: BridgeMetrics;
  readonly logger: Logger;
}

/** Says when a request has ended. Neither headers nor bodies are logged. */
function logRequest(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  logger: Logger,
): void {
  const requestId = requestIdOf(req);
  const startedAt = performance.now();
  res.on('close', () => {
    const ms = Math.round(performance.now() - startedAt);
    const { statusCode: status, writableFinished: finished } = res;
    logger.debug(
      { requestId, method: req.method, path, status, ms, finished },
      'request served',
    );
  });
}

/** The port that clients use: the front ends, and `/health` for load balancers. */
export function publicHandler({
  config,
  gate,
  ends,
  reporter,
  metrics,
  logger,
}: PublicOptions) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    // What follows the question mark may be a session id, which is nothing for a log.
    const path = (req.url ?? '/').split('?')[0];
    if (logger.isLevelEnabled('debug')) logRequest(req, res, path, logger);
    try {
      if (
        path === '/health' &&
        (req.method === 'GET' || req.method === 'HEAD')
      ) {
        sendHealth(res, reporter);
        return;
      }
      const end = ends.get(path);
      const metadata = gate.metadata?.paths.has(path)
        ? gate.metadata
        : undefined;
      if (!end && !metadata)
        throw new Refusal(404, 'protocol', 'MCP is served at /mcp');
      guard(req.headers, config());
      for (const [name, value] of Object.entries(
        corsHeaders(req.headers.origin),
      ))
        res.setHeader(name, value);
      if (req.method === 'OPTIONS') {
        res
          .writeHead(204, {
            'access-control-allow-methods': end?.methods ?? 'GET',
            'access-control-allow-headers': allowedHeaders(
              req.headers,
              Object.keys(config().headerEnv),
            ),
            'access-control-max-age': '600',
          })
          .end();
        return;
      }
      if (!end) {
        if (req.method !== 'GET' && req.method !== 'HEAD')
          throw wrongMethod('GET');
        sendJson(res, 200, metadata?.text ?? '');
        return;
      }
      const permit = await gate.permit(req.headers);
      await end.handle(req, res, permit);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      metrics.rejected(error.reason);
      const requestId = requestIdOf(req);
      const { status, reason } = error;
      logger.debug({ requestId, path, status, reason }, 'request refused');
      sendRefusal(res, error);
    }
  };
}
