import type { IncomingMessage } from 'node:http';
import { Refusal } from '../frames/errors';
import { Gathered } from '../gathered';
import type { Backend } from '../session/types';

/** Messages that may be held in memory at a time, as a multiple of the longest one. */
const BUDGET_FACTOR = 32;

/** The refusal of a body that is longer than `max` bytes. */
export function bodyTooLong(max: number): Refusal {
  return new Refusal(
    413,
    'body',
    `The message is longer than the limit of ${max} bytes`,
    {
      // The rest is not read, so the connection is of no use any more.
      headers: { connection: 'close' },
    },
  );
}

/** What incoming messages may hold of the memory, all together. */
export class MemoryBudget {
  private held = 0;

  constructor(private readonly maxBody: () => number) {}

  /** Takes, or gives back when negative. @returns whether all that is taken is within the limit */
  take(bytes: number): boolean {
    this.held += bytes;
    return this.held <= this.maxBody() * BUDGET_FACTOR;
  }
}

export function outOfMemory(): Refusal {
  return new Refusal(
    503,
    'memory',
    'Too many large messages at a time; try again',
    { retryAfterSeconds: 1 },
  );
}

/** Reads bodies within a limit for each and one for all together. */
export class BodyReader {
  constructor(
    private readonly maxBody: () => number,
    private readonly budget: MemoryBudget,
  ) {}

  /** @throws Refusal 413 for a body that is too long, 503 when too many are being read */
  async read(req: IncomingMessage): Promise<string> {
    const max = this.maxBody();
    if (Number(req.headers['content-length'] ?? 0) > max)
      throw bodyTooLong(max);
    const { budget } = this;
    // By events: an iterator over the request costs more than all that is done with it here.
    return new Promise((resolve, reject) => {
      const body = new Gathered();
      let length = 0;
      function onData(chunk: Buffer) {
        length += chunk.length;
        const fits = budget.take(chunk.length);
        if (length > max) refuse(bodyTooLong(max));
        else if (!fits) refuse(outOfMemory());
        else body.add(chunk);
      }
      function onEnd() {
        settle();
        resolve(body.take().toString('utf8'));
      }
      function onClose() {
        refuse(new Error('aborted'));
      }
      function refuse(error: Error) {
        settle();
        req.pause();
        reject(error);
      }
      function settle() {
        req.off('data', onData).off('end', onEnd).off('close', onClose);
        budget.take(-length);
      }
      req.on('data', onData).on('end', onEnd).on('close', onClose);
    });
  }
}

/** A server that does not take its input makes its clients wait, not the bridge's memory grow. */
export async function untilReceptive(
  server: Pick<Backend, 'backlog' | 'onceDrained'>,
  maxBody: number,
): Promise<void> {
  if (server.backlog <= 2 * maxBody) return;
  await new Promise<void>(resolve => server.onceDrained(resolve));
}
