import { readFileSync } from 'node:fs';
import { UsageError } from '../config/flags';

const MIN_BYTES = 32;
const MAX_SECRETS = 4;

/**
 * The secrets in a file: one to a line in base64, the current one first.
 * @throws UsageError that never shows what stands in the file
 */
export function readSecretFile(path: string): [Buffer, ...Buffer[]] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `the secret file ${path} cannot be read: ${(error as Error).message}`,
    );
  }
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  const secrets = lines.map(line => {
    // Both alphabets, and nothing that decoding would silently leave out.
    const secret = /^[A-Za-z0-9+/_-]+={0,2}$/.test(line)
      ? Buffer.from(line, 'base64')
      : Buffer.alloc(0);
    if (secret.length < MIN_BYTES)
      throw new UsageError(
        `the secret file ${path} must hold base64 of at least ${MIN_BYTES} random bytes on each line`,
      );
    return secret;
  });
  const [first, ...others] = secrets;
  if (first === undefined || secrets.length > MAX_SECRETS)
    throw new UsageError(
      `the secret file ${path} must hold 1 to ${MAX_SECRETS} secrets, the current one first`,
    );
  return [first, ...others];
}
