/** Tells a person at a terminal what is going on, on standard error: standard output carries results alone. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function elapsed(since: number): string {
  const seconds = (performance.now() - since) / 1000;
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Runs a named piece of work and says how long it took. What it returns may say more about itself as `note`. */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  note?: (result: T) => string,
): Promise<T> {
  const begin = performance.now();
  try {
    const result = await work();
    say(`  ✓ ${name}${note ? `: ${note(result)}` : ''} (${elapsed(begin)})`);
    return result;
  } catch (error) {
    say(`  ✗ ${name} (${elapsed(begin)})`);
    throw error;
  }
}
