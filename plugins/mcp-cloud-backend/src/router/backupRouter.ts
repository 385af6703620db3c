import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v3';
import type { AuthorizedPlatform } from '../servers/AuthorizedPlatform';
import { callerOf } from './callerOf';
import { parse } from './parse';

/** Whose signing keys hold after an import: those of the backup, or the portal's own. */
export const importQuery = z.object({
  signingKeys: z.enum(['restored', 'own']).default('restored'),
});

/** Everything that is ours, as a file, and back. Neither is ever in memory as a whole. */
export function createBackupRouter(options: {
  httpAuth: HttpAuthService;
  platform: AuthorizedPlatform;
}): Router {
  const { httpAuth, platform } = options;
  const router = PromiseRouter();

  router.get('/export', async (req, res) => {
    const caller = await callerOf(httpAuth, req);
    const day = new Date().toISOString().slice(0, 10);
    await platform.exportBackup(caller, size =>
      res.set({
        'Content-Type': 'application/x-ndjson',
        'Content-Disposition': `attachment; filename="mcp-cloud-${day}.jsonl"`,
        'Content-Length': String(size),
        // Compression would take the length away, by which a download that was cut off is known.
        'Cache-Control': 'no-store, no-transform',
      }),
    );
  });

  router.post('/import', async (req, res) => {
    try {
      const caller = await callerOf(httpAuth, req);
      const { signingKeys } = parse(importQuery, req.query);
      // To end a refused upload would end the connection, and with it the refusal.
      const body = req.iterator({ destroyOnReturn: false });
      res.json(
        await platform.importBackup(caller, body, {
          ownKeys: signingKeys === 'own',
        }),
      );
    } finally {
      req.resume();
    }
  });

  return router;
}
