import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v3';
import type { AuthorizedUsage } from '../servers/AuthorizedUsage';
import { callerOf } from './callerOf';
import { parse } from './parse';

const WEEK_HOURS = 7 * 24;
/** How far back the calls are counted. */
export const usageQuery = z.object({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(366 * 24)
    .default(WEEK_HOURS),
});

/** Who called a server's tools how often. */
export function createUsageRouter(options: {
  httpAuth: HttpAuthService;
  usage: AuthorizedUsage;
}): Router {
  const { httpAuth, usage } = options;
  const router = PromiseRouter();

  router.get('/servers/:name/usage', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { hours } = parse(usageQuery, req.query);
    const since = new Date(Date.now() - hours * 3600_000);
    res.json(await usage.of(caller, req.params.name, since));
  });

  return router;
}
