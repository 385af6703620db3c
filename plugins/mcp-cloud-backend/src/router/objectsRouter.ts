import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { AuthorizedObjects } from '../servers/AuthorizedObjects';
import { callerOf } from './callerOf';

/** A server's Kubernetes objects: as they were applied, how they differ now, and putting them right. */
export function createObjectsRouter(options: {
  httpAuth: HttpAuthService;
  objects: AuthorizedObjects;
}): Router {
  const { httpAuth, objects } = options;
  const router = PromiseRouter();

  router.get('/servers/:name/manifests', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json(await objects.manifests(caller, req.params.name));
  });

  router.get('/servers/:name/drift', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json(await objects.drift(caller, req.params.name));
  });

  router.post('/servers/:name/drift/repair', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res
      .status(202)
      .json({ operation: await objects.repair(caller, req.params.name) });
  });

  return router;
}
