import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { imageSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v3';
import type { AuthorizedPlatform } from '../servers/AuthorizedPlatform';
import { callerOf } from './callerOf';
import { parse } from './parse';

const text = z.string().max(255).optional();
/** As the table has it, so that texts compare as times do. */
const time = z
  .string()
  .datetime({ offset: true, message: 'Give a time in ISO 8601.' })
  .transform(value => new Date(value).toISOString())
  .optional();
/** Filters and page of the list of audit events. */
export const auditQuery = z.object({
  server: text,
  principal: text,
  event: text,
  outcome: z.enum(['succeeded', 'refused', 'failed']).optional(),
  since: time,
  until: time,
  cursor: z.string().max(2_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** Which image. */
export const imageQuery = z.object({ ref: imageSchema });

/** The platform as a whole: what was done, what was left behind, and what registries have. */
export function createPlatformRouter(options: {
  httpAuth: HttpAuthService;
  platform: AuthorizedPlatform;
}): Router {
  const { httpAuth, platform } = options;
  const router = PromiseRouter();

  router.get('/audit', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json(await platform.auditEvents(caller, parse(auditQuery, req.query)));
  });

  router.get('/images', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { ref } = parse(imageQuery, req.query);
    res.json(await platform.image(caller, ref));
  });

  router.get('/orphans', async (req, res) => {
    res.json(await platform.orphans(await callerOf(httpAuth, req)));
  });

  router.delete('/orphans/:cluster/:serverId', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { cluster, serverId } = req.params;
    await platform.removeOrphan(caller, cluster, serverId);
    res.status(204).end();
  });

  return router;
}
