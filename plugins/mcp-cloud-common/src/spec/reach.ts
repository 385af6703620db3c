import { z } from 'zod/v3';
import { labelKey, labelValue, objectRef } from './values';

/*
 * How a server is reached from outside of its cluster, and what it reaches itself.
 */

const HOST =
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/;

const host = z
  .string()
  .max(253)
  .regex(
    HOST,
    'A host is written as tools.example.com, in lower case and without a port.',
  );

export const serviceSchema = z
  .object({
    type: z
      .enum(['ClusterIP', 'LoadBalancer'])
      .default('ClusterIP')
      .describe('Whether a load balancer of its own leads to the server'),
    host: host
      .optional()
      .describe('Host under which clients reach the load balancer'),
  })
  .strict()
  .refine(
    ({ type, host: name }) =>
      (type === 'LoadBalancer') === (name !== undefined),
    'A LoadBalancer needs the host under which clients reach it, and nothing else has one.',
  );

export const exposureSchema = z
  .object({
    via: z
      .enum(['ingress', 'httpRoute'])
      .describe('What leads to the server: an Ingress or an HTTPRoute'),
    host: host.describe('Host under which clients reach the server'),
    path: z
      .string()
      .max(200)
      .regex(
        /^\/([A-Za-z0-9_~-]+(\.[A-Za-z0-9_~-]+)*(\/[A-Za-z0-9_~-]+(\.[A-Za-z0-9_~-]+)*)*)?$/,
        'A path is written as /team/tools.',
      )
      .default('/')
      .describe('Path on the host that stands for the server'),
    tls: z
      .object({
        secret: objectRef('Secret').optional(),
        certManager: z.boolean().optional(),
      })
      .strict()
      .refine(
        ({ secret, certManager }) =>
          (secret !== undefined) !== (certManager === true),
        'Name a secret with the certificate, or set certManager: true, and not both.',
      )
      .optional()
      .describe(
        "Certificate of an Ingress: a Secret that the platform labelled for the owner, or cert-manager's; an HTTPRoute has that of its gateway",
      ),
  })
  .strict()
  .superRefine(({ via, path, tls }, ctx) => {
    if (via === 'ingress' && path !== '/') {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['path'],
        message:
          'An Ingress cannot rewrite paths. Give the server a host of its own, or use httpRoute.',
      });
    }
    if (via === 'httpRoute' && tls) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['tls'],
        message:
          'An HTTPRoute has the certificate of its gateway. Leave tls out.',
      });
    }
  });

const ports = z
  .array(
    z
      .number()
      .int()
      .min(1, 'A port is a number from 1 to 65535.')
      .max(65_535, 'A port is a number from 1 to 65535.'),
  )
  .min(1)
  .max(32);

const selector = z
  .record(labelKey, labelValue)
  .refine(
    labels =>
      Object.keys(labels).length > 0 && Object.keys(labels).length <= 16,
    'A selector has 1 to 16 labels.',
  );

const target = z
  .object({
    cidr: z
      .string()
      .max(64)
      .regex(
        /^[0-9a-f:.]+\/\d{1,3}$/i,
        'A range is written as 203.0.113.0/24 or 2001:db8::/32.',
      )
      .optional(),
    pods: selector.optional(),
    namespace: selector.optional(),
    ports: ports.optional(),
  })
  .strict()
  .refine(
    ({ cidr, pods, namespace }) =>
      (cidr !== undefined) !== (pods !== undefined || namespace !== undefined),
    'Name a cidr, or pods and their namespace by labels, and not both.',
  );

export const networkSchema = z
  .object({
    egress: z
      .enum(['internet', 'listed', 'none'])
      .default('internet')
      .describe(
        'What the server reaches: public addresses, what `to` lists, or nothing besides names and its own replicas',
      ),
    to: z
      .array(target)
      .max(64)
      .default([])
      .describe(
        'What it reaches besides: address ranges, or pods of the cluster by labels',
      ),
  })
  .strict()
  .refine(({ egress, to }) => egress !== 'none' || to.length === 0, {
    path: ['to'],
    message: 'With egress none nothing is listed. Use listed.',
  });
