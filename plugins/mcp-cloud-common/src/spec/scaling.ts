import { z } from 'zod/v3';
import { count, quantity } from './values';

/** Replicas that one server may have. */
export const MAX_REPLICAS = 10_000;

/** How many pods a server has while it runs. 0 is refused: to have none, stop the server. */
export const replicasSchema = z
  .number({ invalid_type_error: 'Replicas must be a whole number.' })
  .int('Replicas must be a whole number.')
  .min(1, 'Replicas must be at least 1. To have no pods, stop the server.')
  .max(
    MAX_REPLICAS,
    `Replicas must be at most ${MAX_REPLICAS.toLocaleString('en')}.`,
  )
  .describe('Number of pods while the server runs');

const percent = count(1_000);

export const scalingSchema = z
  .object({
    min: replicasSchema.describe('The least number of pods'),
    max: replicasSchema.describe('The most pods'),
    targets: z
      .object({
        cpu: percent.describe(
          'Share of the requested CPU that pods use on average, in percent',
        ),
        memory: percent.describe(
          'Share of the requested memory that pods use on average, in percent',
        ),
        sessions: count(10_000).describe(
          'Sessions that a pod has on average; not there yet',
        ),
      })
      .partial()
      .strict()
      .default({ cpu: 80 })
      .refine(
        targets => Object.values(targets).some(value => value !== undefined),
        'Scaling by load needs a target, such as cpu: 80.',
      ),
  })
  .strict()
  .refine(({ min, max }) => min <= max, {
    path: ['max'],
    message: 'The most pods must not be fewer than the least.',
  });

const size = (what: string) =>
  z
    .object({
      cpu: quantity('The CPU').describe(`${what} CPU that is requested`),
      memory: quantity('The memory').describe(
        `${what} memory that is requested`,
      ),
    })
    .partial()
    .strict()
    .optional();

export const verticalScalingSchema = z
  .object({
    mode: z
      .enum(['recommend', 'initial', 'recreate'])
      .default('recommend')
      .describe(
        'What becomes of the advice: it is only shown, new pods follow it, or running ones are replaced for it',
      ),
    min: size('The least'),
    max: size('The most'),
  })
  .strict();
