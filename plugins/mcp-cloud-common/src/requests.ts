import { z } from 'zod/v3';
import {
  envNameSchema,
  envValueSchema,
  replicasSchema,
  serverSpecSchema,
} from './spec';

const message = z
  .string()
  .max(500, 'A message has at most 500 characters.')
  .optional();
/** Values of the Spec's `secrets`, by variable name. Write-only: no answer ever holds them. */
const secretValues = z.record(envNameSchema, envValueSchema).optional();

/** Where a promotion goes. */
export const promotionTargetSchema = z
  .string()
  .min(1)
  .max(63)
  .describe('A server of the same application, or the environment of one');
/** Where a move goes. */
export const moveTargetSchema = z
  .string()
  .min(1)
  .max(63)
  .describe('The cluster to run on from now on');

/** Body of `POST /servers`. */
export const createServerRequestSchema = z
  .object({
    spec: serverSpecSchema,
    replicas: replicasSchema.default(1),
    secretValues,
    message,
  })
  .strict();
/** Body of `PUT /servers/:name`. `secretValues` holds none of the Spec’s secrets, which keep their values, or all. */
export const updateServerRequestSchema = z
  .object({ spec: serverSpecSchema, secretValues, message })
  .strict();
/** Body of `POST /servers/:name/scale`. */
export const scaleRequestSchema = z
  .object({ replicas: replicasSchema })
  .strict();
/** Body of `POST /servers/:name/rollback`. */
export const rollbackRequestSchema = z
  .object({
    revision: z.number().int().min(1).describe('The revision to go back to'),
    message,
  })
  .strict();
/** Body of `POST /servers/:name/promote`. `secretValues` holds none of the target's secrets, which keep their values, or all. */
export const promoteRequestSchema = z
  .object({
    to: promotionTargetSchema,
    revision: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('The revision of this server; by default the newest'),
    secretValues,
    message,
  })
  .strict();
/** Body of `POST /servers/:name/move`. `secretValues` holds all of the Spec's secrets: they cannot be read back. */
export const moveRequestSchema = z
  .object({ cluster: moveTargetSchema, secretValues, message })
  .strict();
/** Body of `PUT /servers/:name/revisions/:number/label`; `null` takes the label away. */
export const labelRequestSchema = z
  .object({
    label: z
      .string()
      .regex(
        /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/,
        'A label has lower-case letters, digits, hyphens and dots, such as stable or v1.2.',
      )
      .nullable(),
  })
  .strict();
/** Body of `POST /servers/:name/keys`. */
export const createKeyRequestSchema = z
  .object({
    name: z
      .string()
      .min(1, 'A key needs a name.')
      .max(100, 'The name of a key has at most 100 characters.')
      .describe('For people: who or what uses the key'),
    scopes: z
      .array(z.string().min(1).max(256))
      .max(64)
      .default([])
      .describe("What its bearer may do, for the Spec's rules of tools"),
  })
  .strict();
/** Longest life of a token that a client gets, in seconds. */
export const MAX_TOKEN_SECONDS = 12 * 3600;
/** Body of `POST /servers/:name/tokens`. */
export const createTokenRequestSchema = z
  .object({
    expiresInSeconds: z
      .number()
      .int()
      .min(10, 'A token lives at least 10 seconds.')
      .max(MAX_TOKEN_SECONDS, 'A token lives at most 12 hours.')
      .default(3600),
  })
  .strict();

export type CreateServerRequest = z.input<typeof createServerRequestSchema>;
export type UpdateServerRequest = z.input<typeof updateServerRequestSchema>;
export type RollbackRequest = z.input<typeof rollbackRequestSchema>;
export type PromoteRequest = z.input<typeof promoteRequestSchema>;
export type MoveRequest = z.input<typeof moveRequestSchema>;
export type CreateTokenRequest = z.input<typeof createTokenRequestSchema>;
export type CreateKeyRequest = z.input<typeof createKeyRequestSchema>;
