import type { HttpAuthService } from '@backstage/backend-plugin-api';
import {
  previewChangeRequestSchema,
  previewCreateRequestSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { AuthorizedRevisions } from '../servers/AuthorizedRevisions';
import { callerOf } from './callerOf';
import { parse } from './parse';

/** What a change would do, before it is made. */
export function createPreviewRouter(options: {
  httpAuth: HttpAuthService;
  revisions: AuthorizedRevisions;
}): Router {
  const { httpAuth, revisions } = options;
  const router = PromiseRouter();

  router.post('/servers/preview', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const change = parse(previewCreateRequestSchema, req.body);
    res.json(await revisions.previewCreate(caller, change));
  });

  router.post('/servers/:name/preview', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const change = parse(previewChangeRequestSchema, req.body);
    res.json(await revisions.previewChange(caller, req.params.name, change));
  });

  return router;
}
