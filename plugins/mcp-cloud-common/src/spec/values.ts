import { z } from 'zod/v3';

/** Longest value of one environment variable or secret, in characters. */
export const MAX_ENV_VALUE_LENGTH = 32_768;

const ENTITY_REF =
  /^(?:[a-z][a-z0-9-]*:)?(?:[a-z0-9][-a-z0-9._]*\/)?[A-Za-z0-9][-A-Za-z0-9._]*$/i;

/**
 * Registry (with optional port), path, then a tag, a digest, or both; the grammar of the distribution reference,
 * so `name:latest`, `127.0.0.1:5001/team/name:1.4` and `name@sha256:…` are all fine.
 */
const IMAGE =
  /^(?:(?:localhost|[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/;

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN =
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const QUANTITY = /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/;
const DURATION = /^(\d{1,9}(\.\d{1,3})?(ms|s|m|h|d))+$/;
const SIZE = /^\d{1,12}(\.\d{1,3})?(B|kB|MB|GB|KiB|MiB|GiB)$/;

/** An entity reference; `what` begins its error. */
export const entityRef = (what: string) =>
  z
    .string()
    .min(1, `${what} is missing.`)
    .max(255)
    .regex(
      ENTITY_REF,
      `${what} must be an entity reference such as group:default/team-a.`,
    );

/** A Kubernetes quantity; `what` begins its error. */
export const quantity = (what: string) =>
  z
    .string()
    .max(32)
    .regex(
      QUANTITY,
      `${what} must be a Kubernetes quantity such as 250m or 256Mi.`,
    );

/** A name of one part, as Kubernetes takes it. */
export const dnsLabel = (message: string) =>
  z.string().regex(DNS_LABEL, message);

/** The name of a Kubernetes object. */
export const objectRef = (kind: string) =>
  z
    .string()
    .max(253)
    .regex(DNS_SUBDOMAIN, `This is not the name of a ${kind}.`);

const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** The key of a Kubernetes label, with or without a prefix. */
export const labelKey = z
  .string()
  .max(317)
  .refine(text => {
    const [name, prefix, ...more] = text.split('/').reverse();
    return (
      LABEL_NAME.test(name) &&
      more.length === 0 &&
      (prefix === undefined ||
        (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix)))
    );
  }, 'A label is written as name or example.com/name.');

/** The value of a Kubernetes label. */
export const labelValue = z
  .string()
  .refine(
    text => text === '' || LABEL_NAME.test(text),
    'The value of a label has at most 63 letters, digits, hyphens, dots and underscores.',
  );

/** A duration as the bridge reads it; longer than nothing. */
export const duration = z
  .string()
  .max(32)
  .regex(DURATION, 'A duration is written as 500ms, 30s, 5m or 1h30m.')
  .refine(
    text => /[1-9]/.test(text),
    'A duration must be longer than nothing.',
  );

/** A size as the bridge reads it, of `max` bytes at most. */
export const size = (max: string) =>
  z
    .string()
    .max(32)
    .regex(SIZE, 'A size is written as 512kB, 4MB or 4MiB.')
    .refine(text => bytesOf(text) >= 1, 'A size must be more than nothing.')
    .refine(
      text => bytesOf(text) <= bytesOf(max),
      `This must be ${max} at most.`,
    );

/** A whole number of 1 or more. */
export const count = (max: number) =>
  z
    .number()
    .int('This must be a whole number.')
    .min(1, 'This must be at least 1.')
    .max(max, `This must be at most ${max.toLocaleString('en')}.`);

export const argument = z
  .string()
  .max(4096, 'One argument has at most 4,096 characters.')
  .refine(text => !text.includes('\0'), 'An argument holds no NUL character.');

/** An absolute path without detours, such as a container's mount wants it. */
export const absolutePath = (what: string) =>
  z
    .string()
    .max(1024)
    .regex(/^\//, `${what} must be an absolute path.`)
    .refine(
      // eslint-disable-next-line no-control-regex
      path => !/[\u0000-\u001f:]/.test(path),
      `${what} holds no colon and no control characters.`,
    );

/** A list in which nothing stands twice. */
export function unique<T extends z.ZodTypeAny>(element: T, max: number) {
  return z
    .array(element)
    .max(max)
    .refine(
      list => new Set(list).size === list.length,
      'Something stands twice in this list.',
    );
}

/** An image reference. */
export const imageSchema = z
  .string({ required_error: 'A server needs an image.' })
  .min(1, 'A server needs an image.')
  .max(512)
  .regex(
    IMAGE,
    'This is not an image reference. Write registry/path:tag or registry/path@sha256:digest, all in lower case.',
  )
  .describe(
    'Image, by tag or digest: built from the bridge image, unless the bridge stands beside it',
  );

/** The name of an environment variable, of plain ones and of secrets alike. */
export const envNameSchema = z
  .string()
  .max(256)
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'A variable name has letters, digits and underscores, and does not start with a digit.',
  )
  .refine(
    name => !name.startsWith('MCP_BRIDGE_'),
    'Names that start with MCP_BRIDGE_ belong to the bridge.',
  )
  .refine(name => name !== '__proto__', 'This name cannot be used.');

/** The value of one environment variable or secret. */
export const envValueSchema = z
  .string()
  .max(
    MAX_ENV_VALUE_LENGTH,
    `A value has at most ${MAX_ENV_VALUE_LENGTH.toLocaleString(
      'en',
    )} characters. Put larger data into the image.`,
  )
  .refine(text => !text.includes('\0'), 'A value holds no NUL character.');

const SIZE_FACTORS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

function bytesOf(text: string): number {
  const [, amount, unit] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
  return Number(amount) * (SIZE_FACTORS[unit] ?? NaN);
}
