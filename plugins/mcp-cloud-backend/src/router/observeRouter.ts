import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { AuthorizedServerService } from '../servers/AuthorizedServerService';
import { callerOf } from './callerOf';
import { parse } from './parse';
import { afterQuery } from './serversRouter';

/** What there is to see of a server's life, and of operations. */
export function createObserveRouter(options: {
  httpAuth: HttpAuthService;
  servers: AuthorizedServerService;
}): Router {
  const { httpAuth, servers } = options;
  const router = PromiseRouter();

  router.get('/servers/:name/status', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json(
      await servers.status(
        caller,
        req.params.name,
        parse(afterQuery, req.query).after,
      ),
    );
  });

  router.get('/servers/:name/pods', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json({
      items: await servers.pods(
        caller,
        req.params.name,
        parse(afterQuery, req.query).after,
      ),
    });
  });

  router.get('/servers/:name/events', async (req, res) => {
    res.json({
      items: await servers.events(
        await callerOf(httpAuth, req),
        req.params.name,
      ),
    });
  });

  router.get('/servers/:name/metrics', async (req, res) => {
    res.json(
      await servers.metrics(await callerOf(httpAuth, req), req.params.name),
    );
  });

  router.get('/servers/:name/capabilities', async (req, res) => {
    res.json(
      await servers.capabilities(
        await callerOf(httpAuth, req),
        req.params.name,
      ),
    );
  });

  router.get('/servers/:name/operations', async (req, res) => {
    res.json({
      items: await servers.operations(
        await callerOf(httpAuth, req),
        req.params.name,
      ),
    });
  });

  router.get('/operations', async (req, res) => {
    res.json({
      items: await servers.allOperations(await callerOf(httpAuth, req)),
    });
  });

  router.get('/operations/:id', async (req, res) => {
    res.json(
      await servers.operation(await callerOf(httpAuth, req), req.params.id),
    );
  });

  return router;
}
