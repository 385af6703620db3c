import { once } from 'node:events';
import type { Response } from 'express';

const HEARTBEAT_MS = 15_000;

/** The sending side of an event stream. */
export interface EventSink {
  /** Resolves when the caller keeps up. */
  send(event: string, data: unknown): Promise<void>;
  end(): void;
}

/** Turns an answer into server-sent events, with a comment now and then so that nothing in between gives up on it. */
export function serverSentEvents(res: Response): EventSink {
  res.status(200).set({
    'Content-Type': 'text/event-stream',
    // Without no-transform the portal's compression holds everything back to the end.
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  res.flushHeaders();
  const heartbeat = setInterval(() => res.write(': \n\n'), HEARTBEAT_MS);
  res.once('close', () => clearInterval(heartbeat));
  return {
    async send(event, data) {
      if (
        !res.writableEnded &&
        !res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      ) {
        await Promise.race([once(res, 'drain'), once(res, 'close')]);
      }
    },
    end() {
      clearInterval(heartbeat);
      res.end();
    },
  };
}
