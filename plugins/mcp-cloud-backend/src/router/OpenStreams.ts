import type { Response } from 'express';

/**
 * Answers that stay open. At shutdown the HTTP server waits for open connections, so these have to be ended by us.
 */
export class OpenStreams {
  readonly #open = new Map<Response, () => void>();
  #closed = false;

  /** Has `end` called when the stream is to end: at shutdown, or when the caller's token runs out. */
  track(res: Response, end: () => void, expiresAt?: Date): void {
    if (res.closed) {
      end();
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    if (expiresAt) {
      // A timer holds 24.8 days at most; no token that we know lives that long.
      timer = setTimeout(
        end,
        Math.min(Math.max(0, expiresAt.getTime() - Date.now()), 2 ** 31 - 1),
      );
    }
    this.#open.set(res, end);
    res.once('close', () => {
      clearTimeout(timer);
      this.#open.delete(res);
    });
    if (this.#closed) {
      end();
    }
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#open.values()) {
      end();
    }
  }
}
