import { z } from 'zod/v3';
import type { FieldChange, ObjectChange } from './history';
import type { QuotaAfter } from './quota';
import { moveTargetSchema, promotionTargetSchema } from './requests';
import { replicasSchema, serverSpecSchema } from './spec';

/** Body of `POST /servers/preview`. Values of secrets are not needed, and not taken. */
export const previewCreateRequestSchema = z
  .object({ spec: serverSpecSchema, replicas: replicasSchema.default(1) })
  .strict();

/** Body of `POST /servers/:name/preview`. */
export const previewChangeRequestSchema = z.discriminatedUnion('action', [
  z
    .object({
      action: z.literal('update'),
      spec: serverSpecSchema,
      newSecretValues: z
        .boolean()
        .default(false)
        .describe('Whether the update will give the secrets new values'),
    })
    .strict(),
  z
    .object({
      action: z.literal('rollback'),
      revision: z.number().int().min(1),
    })
    .strict(),
  z.object({ action: z.literal('delete') }).strict(),
  z
    .object({
      action: z.literal('promote'),
      to: promotionTargetSchema,
      revision: z.number().int().min(1).optional(),
      newSecretValues: z
        .boolean()
        .default(false)
        .describe('Whether the promotion will give the secrets new values'),
    })
    .strict(),
  z.object({ action: z.literal('move'), cluster: moveTargetSchema }).strict(),
]);

export type PreviewCreateRequest = z.input<typeof previewCreateRequestSchema>;
export type PreviewChangeRequest = z.input<typeof previewChangeRequestSchema>;

/** Something to know before a change is made. */
export interface PreviewWarning {
  /**
   * In CamelCase: `Refused` (the cluster would not take it), `NotVerified` (it could not be asked), `QuotaExceeded`
   * (the platform would refuse it), `MissingSecret`, `MissingSecretValues`, `NameTaken`, `FieldsOfOthers`,
   * `RestartsPods`, `EndsSessions`, `StaysStopped`, `NotSeenRunning` (what is promoted), and of images `ImageNotVerified`, `ImageMoved`, `NoBridge`.
   */
  reason: string;
  /** For people; of a refusal the cluster's own words. */
  message: string;
}

/** What a change would do, found out without doing it. */
export interface Preview {
  action: 'create' | 'update' | 'rollback' | 'delete' | 'promote' | 'move';
  /** What changes in the Spec. */
  spec: FieldChange[];
  /** What becomes of the server's Kubernetes objects, in the words of the cluster itself (a server-side dry run). */
  objects: ObjectChange[];
  /** Whether running pods are replaced, which ends their sessions. */
  restartsPods: boolean;
  /** Whether the cluster would take it all; false also when it could not be asked. */
  verified: boolean;
  /** The owner's quota afterwards. */
  quota: QuotaAfter;
  warnings: PreviewWarning[];
}
