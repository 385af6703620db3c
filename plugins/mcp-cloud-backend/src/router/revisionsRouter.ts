import type { HttpAuthService } from '@backstage/backend-plugin-api';
import {
  labelRequestSchema,
  moveRequestSchema,
  promoteRequestSchema,
  rollbackRequestSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v3';
import type { AuthorizedRevisions } from '../servers/AuthorizedRevisions';
import type { AuthorizedServerService } from '../servers/AuthorizedServerService';
import { callerOf } from './callerOf';
import { parse } from './parse';

const revisionNumber = z.coerce.number().int().min(1).max(2_147_483_647);
/** The part of a path that is a revision's number. */
export const numberParams = z.object({
  name: z.string(),
  number: revisionNumber,
});
/** `?against=`: the revision to compare with; by default the one before. */
export const againstQuery = z.object({ against: revisionNumber.optional() });

/** What a server was like, the way back to it, and on to other environments and clusters. */
export function createRevisionsRouter(options: {
  httpAuth: HttpAuthService;
  servers: AuthorizedServerService;
  revisions: AuthorizedRevisions;
}): Router {
  const { httpAuth, servers, revisions } = options;
  const router = PromiseRouter();

  router.get('/servers/:name/revisions', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res.json({ items: await revisions.list(caller, req.params.name) });
  });

  router.get('/servers/:name/revisions/:number', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { name, number } = parse(numberParams, req.params);
    res.json(await revisions.get(caller, name, number));
  });

  router.get('/servers/:name/revisions/:number/diff', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { name, number } = parse(numberParams, req.params);
    const { against } = parse(againstQuery, req.query);
    res.json(await revisions.diff(caller, name, number, against));
  });

  router.put('/servers/:name/revisions/:number/label', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { name, number } = parse(numberParams, req.params);
    const { label } = parse(labelRequestSchema, req.body);
    await revisions.label(caller, name, number, label);
    res.status(204).end();
  });

  router.post('/servers/:name/rollback', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const change = parse(rollbackRequestSchema, req.body);
    res.status(202).json({
      operation: await revisions.rollback(caller, req.params.name, change),
    });
  });

  router.post('/servers/:name/promote', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const change = parse(promoteRequestSchema, req.body);
    res.status(202).json({
      operation: await revisions.promote(caller, req.params.name, change),
    });
  });

  router.post('/servers/:name/move', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const change = parse(moveRequestSchema, req.body);
    res.status(202).json({
      operation: await revisions.move(caller, req.params.name, change),
    });
  });

  router.post('/operations/:id/cancel', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res
      .status(202)
      .json({ operation: await servers.cancel(caller, req.params.id) });
  });

  return router;
}
