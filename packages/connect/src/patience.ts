/** How long a request waits for a server that restarts, before its client is told. */
const PATIENCE_MS = 30_000;
const FIRST_WAIT_MS = 250;

/**
 * A `fetch` that tries again what has certainly not been served: the server refused the connection, or said 503 with
 * the time to come back. Anything else, the sender decides about.
 */
export function patient(
  inner: typeof fetch,
  log: (text: string) => void,
  patienceMs = PATIENCE_MS,
): typeof fetch {
  return async (input, init) => {
    const deadline = Date.now() + patienceMs;
    for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
      const outcome = await attempt(inner, input, init);
      const pause = outcome.retryAfterMs ?? wait;
      if (!outcome.retry || Date.now() + pause > deadline)
        return outcome.take();
      log(`the server is not there yet; trying again in ${pause / 1000} s`);
      await outcome.drop();
      await sleep(pause, init?.signal ?? undefined);
    }
  };
}

interface Outcome {
  retry: boolean;
  retryAfterMs?: number;
  /** Gives the response, or throws the failure. */
  take(): Response;
  drop(): Promise<void>;
}

async function attempt(
  inner: typeof fetch,
  ...request: Parameters<typeof fetch>
): Promise<Outcome> {
  try {
    const response = await inner(...request);
    const after = Number(response.headers.get('retry-after') ?? NaN);
    return {
      retry: response.status === 503 && Number.isFinite(after),
      retryAfterMs: after * 1000,
      take: () => response,
      drop: async () => response.body?.cancel(),
    };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return {
      retry: code === 'ECONNREFUSED',
      take: () => {
        throw error;
      },
      drop: async () => {},
    };
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
