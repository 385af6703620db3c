import { InputError } from '@backstage/errors';
import {
  createServerRequestSchema,
  serverSpecSchema,
  type CreateServerRequest,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { z } from 'zod/v3';

const specFields = serverSpecSchema.innerType();

/** Input of `mcp-cloud:server:deploy`: the Spec, with the cluster left to the platform where there is just one. */
export const deployInputSchema = z.object({
  spec: specFields
    .extend({ cluster: specFields.shape.cluster.optional() })
    .describe('The server: name, owner and image at least'),
  replicas: createServerRequestSchema.shape.replicas,
  secretValues: createServerRequestSchema.shape.secretValues.describe(
    "Values of the Spec's secrets, from the task's secrets; never plain values",
  ),
  message: createServerRequestSchema.shape.message.describe(
    'What the history says of this deploy',
  ),
  update: z
    .boolean()
    .default(false)
    .describe(
      'Deploy a new revision when there is a server of this name; otherwise that is an error',
    ),
  timeoutMinutes: z
    .number()
    .int()
    .min(1)
    .max(120)
    .default(10)
    .describe('How long to wait for the deploy'),
});

export type DeployInput = z.input<typeof deployInputSchema>;

/** The request that an input makes, checked as the backend checks it, so that a mistake shows before any work. */
export function deployRequest(
  input: DeployInput,
  cluster: string,
): CreateServerRequest {
  const { spec, replicas, secretValues, message } = input;
  const parsed = createServerRequestSchema.safeParse({
    spec: { ...spec, cluster },
    replicas,
    secretValues,
    message,
  });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message: text }) => `${path.join('.')}: ${text}`,
    );
    throw new InputError(
      `The server cannot be deployed like this. ${problems.join(' ')}`,
    );
  }
  return parsed.data;
}

/** The cluster that is named, or the only one there is. */
export function chooseCluster(
  named: string | undefined,
  clusters: Array<{ name: string }>,
): string {
  if (named) {
    return named;
  }
  if (clusters.length === 1) {
    return clusters[0].name;
  }
  throw new InputError(
    clusters.length
      ? `Name a cluster in spec.cluster: ${clusters
          .map(({ name }) => name)
          .join(', ')}.`
      : 'The platform has no cluster yet. Add one to mcpCloud.clusters in the configuration.',
  );
}
