import type { HttpAuthService } from '@backstage/backend-plugin-api';
import {
  createServerRequestSchema,
  updateServerRequestSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v3';
import type { AuthorizedServerService } from '../servers/AuthorizedServerService';
import { PreconditionRequiredError } from '../servers/errors';
import { SORTS } from '../servers/listPage';
import { callerOf } from './callerOf';
import { parse } from './parse';

const SORT_NAMES = SORTS.flatMap(sort => [sort, `-${sort}` as const]);
const text = z.string().max(255).optional();
/** Filters, order and page of a list of servers. */
export const listQuery = z.object({
  owner: z.union([z.string(), z.array(z.string()).max(100)]).optional(),
  cluster: text,
  application: text,
  state: z
    .enum([
      'Stopped',
      'Deploying',
      'Running',
      'Degraded',
      'Failed',
      'Deleting',
      'Unknown',
    ])
    .optional(),
  q: text,
  sort: z
    .string()
    .refine(
      sort => SORT_NAMES.some(name => name === sort),
      `Sort by one of ${SORT_NAMES.join(', ')}.`,
    )
    .default('name'),
  cursor: z.string().max(2_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
/** `?after=`: hold the answer, a second at most, until the status has reached this version. */
export const afterQuery = z.object({
  after: z.coerce.number().int().min(0).optional(),
});

/** Servers: list, make, read, change, delete. */
export function createServersRouter(options: {
  httpAuth: HttpAuthService;
  servers: AuthorizedServerService;
}): Router {
  const { httpAuth, servers } = options;
  const router = PromiseRouter();

  router.get('/clusters', async (req, res) => {
    res.json({
      items: await servers.listClusters(await callerOf(httpAuth, req)),
    });
  });

  router.get('/servers', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { owner, q, sort, ...query } = parse(listQuery, req.query);
    const list = await servers.list(caller, {
      ...query,
      owners: owner === undefined ? undefined : [owner].flat(),
      text: q,
      sort: SORTS.find(name => sort.replace(/^-/, '') === name)!,
      descending: sort.startsWith('-'),
    });
    res.json(list);
  });

  router.post('/servers', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const operation = await servers.create(
      caller,
      parse(createServerRequestSchema, req.body),
    );
    res.status(202).json({ operation });
  });

  router.get('/servers/:name', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    // Its etag stays in the body: as a header it would let browsers keep a status that has changed since.
    res.json(
      await servers.get(
        caller,
        req.params.name,
        parse(afterQuery, req.query).after,
      ),
    );
  });

  router.put('/servers/:name', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const ifMatch = req.get('If-Match');
    if (!ifMatch) {
      throw new PreconditionRequiredError(
        'Say which state of the server you change: send its etag as If-Match, so that nobody’s change is lost.',
      );
    }
    const change = parse(updateServerRequestSchema, req.body);
    const operation = await servers.update(
      caller,
      req.params.name,
      ifMatch,
      change,
    );
    res.status(202).json({ operation });
  });

  router.delete('/servers/:name', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    res
      .status(202)
      .json({ operation: await servers.delete(caller, req.params.name) });
  });

  return router;
}
