import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createKeyRequestSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { AuthorizedKeys } from '../servers/AuthorizedKeys';
import { callerOf } from './callerOf';
import { parse } from './parse';

/** Keys by which clients come to a server with `auth: keys`. */
export function createKeysRouter(options: {
  httpAuth: HttpAuthService;
  keys: AuthorizedKeys;
}): Router {
  const { httpAuth, keys } = options;
  const router = PromiseRouter();

  router.get('/servers/:name/keys', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json({ items: await keys.list(caller, req.params.name) });
  });

  router.post('/servers/:name/keys', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const body = parse(createKeyRequestSchema, req.body);
    const made = await keys.create(caller, req.params.name, body);
    res.status(201).set('Cache-Control', 'no-store').json(made);
  });

  router.delete('/servers/:name/keys/:id', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { name, id } = req.params;
    res.status(202).json({ operation: await keys.end(caller, name, id) });
  });

  return router;
}
