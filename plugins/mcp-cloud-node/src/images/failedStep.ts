/**
 * The instruction at which a build stopped, read from its lines. buildah announces each instruction before it runs
 * (`[1/2] STEP 3/9: RUN npm ci`), so the last one counts; BuildKit runs several at once and names the culprit at the
 * end (` > [builder 3/5] RUN npm ci:`).
 */
export function failedStep(lines: readonly string[]): string | undefined {
  for (let i = lines.length - 1; i >= 0; i--) {
    const match =
      /^\s*> \[(?:[^\]]*\d+\/\d+)\] (.+?):?$/.exec(lines[i]) ??
      /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: (.+)$/.exec(lines[i]);
    if (match) {
      return match[1];
    }
  }
  return undefined;
}
