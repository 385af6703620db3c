import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../frames/errors';
import type { BridgeMetrics } from '../observability/metrics';
import type { StatusReporter } from '../observability/status';
import type { UsageCounts } from '../observability/UsageCounts';
import { sendJson, sendRefusal } from './errors';
import type { Permit } from './permit';

/** Answers `/health` on either port. */
export function sendHealth(
  res: ServerResponse,
  reporter: StatusReporter,
): void {
  const health = reporter.health();
  sendJson(res, health.ok ? 200 : 503, JSON.stringify(health));
}

export interface AdminOptions {
  readonly reporter: StatusReporter;
  readonly metrics: BridgeMetrics;
  readonly usage: UsageCounts;
  /** @throws Refusal when the sender may not read `/status` */
  readonly authorize: (req: IncomingMessage) => Promise<Permit>;
}

/** `/health`, `/ready` and `/metrics` for the cluster, `/status` and `/usage` for the portal. Probes name the pod's address, so only the portal's part checks the Host. */
export function adminHandler({
  reporter,
  metrics,
  usage,
  authorize,
}: AdminOptions) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? '/').split('?')[0];
    try {
      if (req.method !== 'GET' && req.method !== 'HEAD')
        throw new Refusal(405, 'protocol', 'Use GET');
      if (path === '/health') sendHealth(res, reporter);
      else if (path === '/ready') {
        const ready = reporter.ready();
        sendJson(res, ready.ok ? 200 : 503, JSON.stringify(ready));
      } else if (path === '/status') {
        await authorize(req);
        sendJson(res, 200, JSON.stringify(reporter.status()), {
          'cache-control': 'no-store',
        });
      } else if (path === '/usage') {
        if (!(await authorize(req)).isPortal)
          throw new Refusal(403, 'auth', 'Only the portal may read /usage');
        sendJson(res, 200, JSON.stringify(usage.collect()), {
          'cache-control': 'no-store',
        });
      } else if (path === '/metrics') {
        const text = await metrics.registry.metrics();
        res
          .writeHead(200, { 'content-type': metrics.registry.contentType })
          .end(text);
      } else
        throw new Refusal(
          404,
          'protocol',
          'There are /health, /ready, /status, /usage and /metrics here',
        );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sendRefusal(res, error);
    }
  };
}
