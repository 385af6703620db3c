import type { Config } from '@backstage/config';
import { z } from 'zod/v3';
import { toBytes, toMillicores } from './manifests/quantity';
import type { Limits, QuotaLimits } from './quota/QuotaLimits';

const count = z.custom<number | 'unlimited'>(
  written =>
    written === 'unlimited' ||
    (Number.isInteger(written) && Number(written) >= 0),
  'Give a whole number of 0 or more, or unlimited.',
);
const quantity = (toNumber: (text: string) => number, example: string) =>
  z.union([z.string(), z.number()]).transform((written, ctx) => {
    const amount = toNumber(String(written));
    if (written !== 'unlimited' && Number.isNaN(amount)) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        message: `Give a Kubernetes quantity such as ${example}, or unlimited.`,
      });
    }
    return written === 'unlimited' ? written : amount;
  });

const limits = {
  servers: count.optional(),
  replicas: count.optional(),
  cpu: quantity(toMillicores, '2.5').optional(),
  memory: quantity(toBytes, '16Gi').optional(),
};
const quotaSchema = z
  .object({
    default: z.object(limits).strict().default({}),
    owners: z
      .array(
        z
          .object({
            owner: z
              .string()
              .regex(
                /^[a-z]+:[^/]+\/[^/]+$/,
                'Write the owner in full, such as group:default/team-a.',
              )
              .transform(ref => ref.toLowerCase()),
            ...limits,
          })
          .strict(),
      )
      .default([])
      .refine(
        owners => new Set(owners.map(one => one.owner)).size === owners.length,
        'An owner is named twice.',
      ),
  })
  .strict();

type Written = z.output<typeof quotaSchema>['default'];

/** Reads `mcpCloud.quota`: what owners may take. Throws in words when something is wrong with it. */
export function readQuota(config: Config): QuotaLimits {
  const read = quotaSchema.safeParse(
    config.getOptional('mcpCloud.quota') ?? {},
  );
  if (!read.success) {
    const problems = read.error.issues.map(
      ({ path, message }) =>
        `${['mcpCloud.quota', ...path].join('.')}: ${message}`,
    );
    throw new Error(problems.join(' '));
  }
  const { default: forAll, owners } = read.data;
  return {
    default: toLimits(forAll),
    owners: new Map(
      owners.map(({ owner, ...own }) => [
        owner,
        toLimits({ ...forAll, ...own }),
      ]),
    ),
  };
}

function toLimits({ servers, replicas, cpu, memory }: Written): Limits {
  const amounts = {
    servers,
    replicas,
    cpuMillicores: cpu,
    memoryBytes: memory,
  };
  return Object.fromEntries(
    Object.entries(amounts).filter(([, amount]) => typeof amount === 'number'),
  );
}
