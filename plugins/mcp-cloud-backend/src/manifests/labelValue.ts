import { createHash } from 'node:crypto';

/**
 * The text as a valid label value (letters, digits, `-_.`, at most 63 characters). What has to be cut ends in a hash, so that two long
 * texts stay different. Empty when nothing of the text is allowed.
 */
export function labelValue(text: string): string {
  const clean = trim(text.replace(/[^A-Za-z0-9._-]+/g, '-'));
  if (clean.length <= 63) {
    return clean;
  }
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${trim(clean.slice(0, 54))}-${hash}`;
}

function trim(text: string): string {
  return text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
