import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { OwnerNamespaces } from '@mcp-cloud/plugin-mcp-cloud-node';
import { z } from 'zod/v3';

/** Leaves room for a readable part of 26 characters and for a hash. */
const PREFIX = /^[a-z]([-a-z0-9]{0,18})-$/;

const quantities = z.record(
  z
    .union([z.string(), z.number()])
    .transform(String)
    .refine(
      text => /^[0-9]/.test(text),
      'Write a quantity, such as 10 or 2Gi.',
    ),
);

const schema = z
  .object({
    strategy: z.enum(['shared', 'perOwner']),
    prefix: z
      .string()
      .regex(
        PREFIX,
        'Use at most 20 lower-case letters, digits and hyphens, with a hyphen at the end.',
      )
      .default('mcp-owner-'),
    clusterRole: z.string().min(1).default('mcp-cloud-servers'),
    quota: quantities.default({
      pods: '50',
      'requests.cpu': '10',
      'requests.memory': '20Gi',
      'limits.memory': '40Gi',
    }),
    limitRange: z
      .object({
        default: quantities,
        defaultRequest: quantities,
        min: quantities,
        max: quantities,
      })
      .partial()
      .strict()
      .default({
        default: { memory: '512Mi' },
        defaultRequest: { cpu: '50m', memory: '128Mi' },
      }),
  })
  .strict();

/**
 * Reads `namespaces` of a cluster: nothing where all servers share one namespace. `without` are kinds that are not
 * made. Throws `InputError` that names the key.
 */
export function readOwnerNamespaces(
  entry: Config,
  where: string,
  without: string[],
): OwnerNamespaces | undefined {
  if (!entry.has('namespaces')) {
    return undefined;
  }
  const read = schema.safeParse(entry.get('namespaces'));
  if (!read.success) {
    const problems = read.error.issues.map(
      ({ path, message }) =>
        `${[where, 'namespaces', ...path].join('.')}: ${message}`,
    );
    throw new InputError(problems.join(' '));
  }
  const { strategy, ...settings } = read.data;
  return strategy === 'shared'
    ? undefined
    : { ...settings, defaultDeny: !without.includes('NetworkPolicy') };
}
