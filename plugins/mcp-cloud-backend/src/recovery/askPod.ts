/** `unknown`: it did not answer, but neither did the bridge, so that nothing is known of the server. */
export type Verdict = 'answers' | 'silent' | 'unknown';

/** Tries in the time that a server has. */
const TRIES = 6;

/**
 * Asks until there is an answer, for as long as a server has; one try may take all of it, as servers may start slowly.
 * `onSilence` is called when a third of the time has passed in vain.
 */
export async function askPod(options: {
  /** An MCP handshake; throws when nobody is served. */
  ask: (signal: AbortSignal) => Promise<void>;
  /** Whether the bridge itself answers. */
  isBridgeAlive: () => Promise<boolean>;
  patienceMs: number;
  onSilence: () => void;
  signal: AbortSignal;
}): Promise<Verdict> {
  const { ask, isBridgeAlive, patienceMs, onSilence, signal } = options;
  const over = new AbortController();
  const end = () => over.abort();
  const deadline = setTimeout(end, patienceMs);
  const early = setTimeout(onSilence, patienceMs / 3);
  signal.addEventListener('abort', end);
  try {
    while (!over.signal.aborted && !signal.aborted) {
      try {
        await ask(over.signal);
        return 'answers';
      } catch {
        await pause(patienceMs / TRIES, over.signal);
      }
    }
  } finally {
    clearTimeout(deadline);
    clearTimeout(early);
    signal.removeEventListener('abort', end);
  }
  return !signal.aborted && (await isBridgeAlive()) ? 'silent' : 'unknown';
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
    if (signal.aborted) {
      clearTimeout(timer);
      resolve();
    }
  });
}
