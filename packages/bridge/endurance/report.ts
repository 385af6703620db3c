const failures: string[] = [];
let passed = 0;

/** One thing that has to hold: a line that says so, and what was seen. */
export function check(name: string, holds: boolean, seen = ''): void {
  const line = seen === '' ? name : `${name}: ${seen}`;
  console.log(`${holds ? '✓' : '✗'} ${line}`);
  if (holds) passed++;
  else failures.push(line);
}

/** A figure that is good to know, and asks for nothing. */
export function note(text: string): void {
  console.log(`  ${text}`);
}

/** The closing line, and the exit code. */
export function close(): void {
  console.log(`${passed} passed, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
}

export const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toFixed(1)} MB`;
