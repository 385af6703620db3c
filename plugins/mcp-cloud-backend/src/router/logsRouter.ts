import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { LogsQuery } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Request, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v3';
import type {
  AuthorizedServerService,
  OpenedServer,
} from '../servers/AuthorizedServerService';
import { bearerToken, expiryOf } from './bearer';
import { callerOf } from './callerOf';
import type { LogSource } from './LogSource';
import type { OpenStreams } from './OpenStreams';
import { parse } from './parse';
import { serverSentEvents } from './serverSentEvents';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform(text => text === 'true');
/** Which lines of the log, and whether to go on with new ones. */
export const logsQuery = z.object({
  follow: flag,
  pod: z.string().max(253).optional(),
  previous: flag,
  tailLines: z.coerce.number().int().min(0).max(10_000).optional(),
  sinceSeconds: z.coerce.number().int().min(1).max(31_536_000).optional(),
});

/** `GET /servers/:name/logs`: the last lines as JSON, or with `follow=true` each line as it comes. */
export function createLogsRouter(options: {
  httpAuth: HttpAuthService;
  servers: AuthorizedServerService;
  logs: LogSource;
  streams: OpenStreams;
}): Router {
  const { httpAuth, servers, logs, streams } = options;
  const router = PromiseRouter();

  router.get('/servers/:name/logs', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const { follow, ...query } = parse(logsQuery, req.query);
    const server = await servers.openLogs(caller, req.params.name);
    const abort = new AbortController();
    res.once('close', () => abort.abort());
    if (follow) {
      await followLogs(req, res, server, query, abort);
    } else {
      res.json({ items: await logs.tail(server, query, abort.signal) });
    }
  });

  async function followLogs(
    req: Request,
    res: Response,
    server: OpenedServer,
    query: LogsQuery,
    abort: AbortController,
  ) {
    const sink = serverSentEvents(res);
    const ended = async () => {
      await sink.send('end', {});
      sink.end();
      abort.abort();
    };
    streams.track(res, () => void ended(), expiryOf(bearerToken(req)));
    try {
      for await (const line of logs.follow(server, query, abort.signal)) {
        await sink.send('line', line);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        await sink.send('error', { message: (error as Error).message });
      }
    }
    await ended();
  }

  return router;
}
