import { z } from 'zod/v3';
import { parseDuration, parseSize } from './units';

/** The longest delay a Node timer can wait; longer ones would fire at once. */
const MAX_TIMER = 2 ** 31 - 1;

/** Milliseconds, written as `500ms`, `30s`, `5m` or `1h30m`. */
export const duration = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    const ms = parseDuration(String(value));
    if (ms !== undefined) return Math.min(ms, MAX_TIMER);
    context.addIssue({
      code: 'custom',
      message: `"${value}" is no duration; write for example 500ms, 30s, 5m or 1h30m`,
    });
    return z.NEVER;
  });

/** Bytes, written as `512kB`, `4MB` or `4MiB`. */
export const size = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    const bytes = parseSize(String(value));
    if (bytes !== undefined) return bytes;
    context.addIssue({
      code: 'custom',
      message: `"${value}" is no size; write for example 512kB, 4MB or 4MiB`,
    });
    return z.NEVER;
  });

export const whole = z.coerce.number().int().min(0);
export const count = z.coerce.number().int().min(1);
export const port = z.coerce.number().int().min(0).max(65535);
export const text = z.string().min(1);
export const list = z.array(text);
