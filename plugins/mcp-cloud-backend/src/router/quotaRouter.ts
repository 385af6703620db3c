import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { AuthorizedQuota } from '../servers/AuthorizedQuota';
import { callerOf } from './callerOf';
import { parse } from './parse';
import { listQuery } from './serversRouter';

/** Whose quota; by default of all that the caller may see. */
export const quotaQuery = listQuery.pick({ owner: true });

/** What owners may take, and take. */
export function createQuotaRouter(options: {
  httpAuth: HttpAuthService;
  quota: AuthorizedQuota;
}): Router {
  const { httpAuth, quota } = options;
  const router = PromiseRouter();

  router.get('/quota', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { owner } = parse(quotaQuery, req.query);
    const owners = owner === undefined ? undefined : [owner].flat();
    res.json({ items: await quota.list(caller, owners) });
  });

  return router;
}
