import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import type { BridgeGateway } from '../mcp/types';
import type { AuthorizedKeys } from '../servers/AuthorizedKeys';
import type { AuthorizedObjects } from '../servers/AuthorizedObjects';
import type { AuthorizedPlatform } from '../servers/AuthorizedPlatform';
import type { AuthorizedQuota } from '../servers/AuthorizedQuota';
import type { AuthorizedRevisions } from '../servers/AuthorizedRevisions';
import type { AuthorizedServerService } from '../servers/AuthorizedServerService';
import type { AuthorizedUsage } from '../servers/AuthorizedUsage';
import type { ServerQueries } from '../servers/ServerQueries';
import type { ServerTokens } from '../servers/ServerTokens';
import { jsonBody } from './jsonBody';
import { createBackupRouter } from './backupRouter';

import { createKeysRouter } from './keysRouter';
import { createLogsRouter } from './logsRouter';
import type { LogSource } from './LogSource';
import { createMcpRouter } from './mcpRouter';
import { createObjectsRouter } from './objectsRouter';
import { createObserveRouter } from './observeRouter';
import type { OpenStreams } from './OpenStreams';
import { createOperateRouter } from './operateRouter';
import { openApi } from './openApi';
import { createPlatformRouter } from './platformRouter';
import { createPreviewRouter } from './previewRouter';
import { createQuotaRouter } from './quotaRouter';
import { createRevisionsRouter } from './revisionsRouter';
import { createServersRouter } from './serversRouter';
import { specJsonSchema } from './specJsonSchema';
import { createUsageRouter } from './usageRouter';
import { unavailable } from './unavailable';

/** What the REST interface is made of. */
export interface RouterOptions {
  httpAuth: HttpAuthService;
  queries: ServerQueries;
  tokens: ServerTokens;
  servers: AuthorizedServerService;
  revisions: AuthorizedRevisions;
  keys: AuthorizedKeys;
  objects: AuthorizedObjects;
  platform: AuthorizedPlatform;
  quota: AuthorizedQuota;
  usage: AuthorizedUsage;
  gateway: BridgeGateway;
  logs: LogSource;
  streams: OpenStreams;
}

/** Paths that decide by themselves who comes in, or are open to all. */
export const UNAUTHENTICATED_PATHS = ['/health', '/servers/:name/mcp'];

/** The whole REST interface, to be mounted at `/api/mcp-cloud`. */
export function createRouter(options: RouterOptions): Router {
  const router = PromiseRouter();
  router.get('/health', (_req, res) => {
    res.json({ status: 'ok' });
  });
  const document = openApi();
  router.get('/openapi.json', (_req, res) => {
    res.json(document);
  });
  const schema = specJsonSchema();
  router.get('/spec.schema.json', (_req, res) => {
    res.type('application/schema+json').json(schema);
  });
  // Streams first: a body parser would read what is to be passed on.
  router.use(createMcpRouter(options));
  router.use(createLogsRouter(options));
  router.use(createBackupRouter(options));
  router.use(jsonBody());
  router.use(createServersRouter(options));
  router.use(createOperateRouter(options));
  router.use(createKeysRouter(options));
  router.use(createPreviewRouter(options));
  router.use(createRevisionsRouter(options));
  router.use(createObserveRouter(options));
  router.use(createObjectsRouter(options));
  router.use(createPlatformRouter(options));
  router.use(createUsageRouter(options));
  router.use(createQuotaRouter(options));
  router.use(unavailable);
  return router;
}
