import { setTimeout as sleep } from 'node:timers/promises';
import type { Capabilities } from '@mcp-cloud/plugin-mcp-cloud-common';
import { OperationError } from './OperationError';

/** Ready pods may take a moment until the Service leads to them. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 1_000;

/** Tries a handshake until it works or it is clear that it will not. */
export async function handshakeWithPatience(
  handshake: () => Promise<Capabilities>,
  options: {
    signal: AbortSignal;
    onRetry: (error: Error) => Promise<void>;
    patienceMs?: number;
  },
): Promise<Capabilities> {
  const { signal, onRetry, patienceMs = PATIENCE_MS } = options;
  const until = performance.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await handshake();
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() >= until) {
        throw new OperationError({
          reason: 'HandshakeFailed',
          message: `The pods are ready, but no MCP client can speak with the server: ${
            (error as Error).message
          }`,
          hint: 'See the logs for what the server wrote. The image must be built from the bridge image.',
        });
      }
      await onRetry(error as Error);
      await sleep(Math.min(PAUSE_MS, patienceMs / 4), undefined, {
        signal,
      }).catch(() => undefined);
    }
  }
}
