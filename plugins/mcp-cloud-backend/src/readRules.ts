import type { Config } from '@backstage/config';
import { z } from 'zod/v3';
import { familyOf } from './manifests/addressRanges';
import type { PlatformRules } from './servers/platformRules';

const range = z
  .string()
  .refine(
    text => familyOf(text) !== undefined,
    'This is no range of addresses, such as 10.0.0.0/8.',
  );
const labels = z.record(z.string());

const serversSchema = z
  .object({
    allowAuthNone: z.boolean(),
    allowLoadBalancer: z.boolean(),
    hosts: z.array(
      z
        .object({
          pattern: z.string(),
          owner: z
            .string()
            .regex(
              /^[a-z]+:[^/]+\/[^/]+$/,
              'Write the owner in full, such as group:default/team-a.',
            )
            .optional(),
        })
        .strict(),
    ),
    exposure: z
      .object({
        ingress: z
          .object({
            className: z.string(),
            clusterIssuer: z.string(),
            annotations: labels,
          })
          .partial()
          .strict(),
        gateway: z
          .object({
            name: z.string(),
            namespace: z.string().optional(),
            sectionName: z.string().optional(),
          })
          .strict(),
      })
      .partial()
      .strict(),
    network: z
      .object({
        sources: z.array(
          z
            .object({ cidr: range, namespace: labels, pods: labels })
            .partial()
            .strict(),
        ),
        clusterRanges: z.array(range),
        allowedRanges: z.array(range),
      })
      .partial()
      .strict(),
    podMonitor: z
      .object({
        everyServer: z.boolean(),
        labels,
        interval: z
          .string()
          .regex(
            /^(\d+(ms|s|m|h))+$/,
            'This is no duration as Prometheus has it, such as 30s.',
          ),
      })
      .partial()
      .strict(),
    without: z.array(z.enum(['NetworkPolicy', 'PodDisruptionBudget'])),
  })
  .partial()
  .strict();

/** Reads `mcpCloud.servers`: what servers may be. Throws in words when something is wrong with it. */
export function readRules(config: Config): PlatformRules {
  const read = serversSchema.safeParse(
    config.getOptional('mcpCloud.servers') ?? {},
  );
  if (!read.success) {
    const problems = read.error.issues.map(
      ({ path, message }) => `mcpCloud.servers.${path.join('.')}: ${message}`,
    );
    throw new Error(problems.join(' '));
  }
  return {
    ...read.data,
    bridgeImage: config.getOptionalString('mcpCloud.images.bridgeImage'),
  };
}
