import type { HttpAuthService } from '@backstage/backend-plugin-api';
import {
  createTokenRequestSchema,
  scaleRequestSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { AuthorizedServerService } from '../servers/AuthorizedServerService';
import { callerOf } from './callerOf';
import { parse } from './parse';

/** Scale, stop, start, restart, and the tokens of a server. */
export function createOperateRouter(options: {
  httpAuth: HttpAuthService;
  servers: AuthorizedServerService;
}): Router {
  const { httpAuth, servers } = options;
  const router = PromiseRouter();

  router.post('/servers/:name/scale', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { replicas } = parse(scaleRequestSchema, req.body);
    res.status(202).json({
      operation: await servers.scale(caller, req.params.name, replicas),
    });
  });

  for (const action of ['stop', 'start', 'restart'] as const) {
    router.post(`/servers/:name/${action}`, async (req, res) => {
      const caller = await callerOf(httpAuth, req);
      res.status(202).json({
        operation: await servers.operate(caller, req.params.name, action),
      });
    });
  }

  router.post('/servers/:name/tokens', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { expiresInSeconds } = parse(
      createTokenRequestSchema,
      req.body ?? {},
    );
    const token = await servers.createToken(
      caller,
      req.params.name,
      expiresInSeconds,
    );
    res.status(201).set('Cache-Control', 'no-store').json(token);
  });

  router.delete('/servers/:name/tokens', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res
      .status(202)
      .json({ operation: await servers.revokeTokens(caller, req.params.name) });
  });

  return router;
}
