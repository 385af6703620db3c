import { InputError } from '@backstage/errors';
import type { z } from 'zod/v3';

/** Reads input by its schema; names each problem with the path of its field, all at once. */
export function parse<T extends z.ZodTypeAny>(
  schema: T,
  input: unknown,
): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const problems = result.error.issues.map(issue => {
    const path = issue.path.join('.');
    return path ? `${path}: ${inWords(issue)}` : inWords(issue);
  });
  throw new InputError(problems.join(' '));
}

function inWords(issue: z.ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map(key => `"${key}"`).join(', ');
    return `There is no such field: ${keys}. Check the spelling, or leave it out.`;
  }
  if (issue.message === 'Required') {
    return 'This field is missing.';
  }
  return /[.!?]$/.test(issue.message) ? issue.message : `${issue.message}.`;
}
