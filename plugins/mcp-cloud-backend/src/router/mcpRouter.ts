import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';
import type { Request, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { isDatabaseAway } from '../database/isDatabaseAway';
import type { BridgeGateway } from '../mcp/types';
import type {
  AuthorizedServerService,
  OpenedServer,
} from '../servers/AuthorizedServerService';
import { principalOf } from '../servers/Caller';
import type { ServerQueries } from '../servers/ServerQueries';
import type { ServerTokens } from '../servers/ServerTokens';
import { bearerToken, expiryOf } from './bearer';
import { callerOf } from './callerOf';

interface Admitted extends OpenedServer {
  subject: string;
  expiresAt?: Date;
}

/** A token of a server whose row cannot be read is not known to be wrong, and its client shall keep it. */
function unlessAway(error: unknown): undefined {
  if (isDatabaseAway(error)) {
    throw error;
  }
  return undefined;
}

/**
 * `ALL /servers/:name/mcp`: the way to a server through the portal, for signed-in people and for MCP clients that
 * have a token of the server. The path is open to requests without Backstage credentials, so it is decided here who
 * comes in; without credentials a server that exists and one that does not look the same.
 */
export function createMcpRouter(options: {
  httpAuth: HttpAuthService;
  queries: ServerQueries;
  tokens: ServerTokens;
  servers: AuthorizedServerService;
  gateway: BridgeGateway;
}): Router {
  const { httpAuth, queries, tokens, servers, gateway } = options;
  const router = PromiseRouter();

  async function admit(req: Request, name: string): Promise<Admitted> {
    const token = bearerToken(req);
    if (!token) {
      throw new AuthenticationError(
        'Send a token of this server, or a Backstage token, as Authorization: Bearer.',
      );
    }
    const row = await queries.find(name).catch(unlessAway);
    const verified =
      row && (await tokens.verify(row, token).catch(() => undefined));
    if (verified) {
      return { row, cluster: queries.cluster(row), ...verified };
    }
    const caller = await callerOf(httpAuth, req).catch(() => {
      throw new AuthenticationError('The token is not valid for this server.');
    });
    return {
      ...(await servers.openCall(caller, name)),
      subject: principalOf(caller),
      expiresAt: expiryOf(token),
    };
  }

  router.all('/servers/:name/mcp', async (req, res) => {
    let admitted: Admitted;
    try {
      admitted = await admit(req, req.params.name);
    } catch (error) {
      if ((error as Error).name === 'AuthenticationError') {
        res.set('WWW-Authenticate', 'Bearer realm="mcp-cloud"');
      }
      throw error;
    }
    const { row, cluster, subject, expiresAt } = admitted;
    await gateway.proxy(
      cluster,
      { id: row.id, name: row.name },
      { subject, expiresAt },
      req,
      res,
    );
  });

  return router;
}
