import { z } from 'zod/v3';
import {
  absolutePath,
  count,
  envNameSchema,
  labelKey,
  labelValue,
  objectRef,
  quantity,
} from './values';

/** What all files of a server may hold together, in bytes: they stand in one ConfigMap. */
export const MAX_FILES_BYTES = 900_000;

/** Here are the bridge, its secrets and its ways to the server, and what the container's runtime needs. */
const RESERVED_PATHS = [
  '/etc/mcp-cloud',
  '/etc/mcp-cloud-secret',
  '/mcp-cloud',
  '/opt/mcp-cloud',
  '/run/mcp-cloud',
  '/var/run/mcp-cloud',
  '/var/run/secrets',
  '/run/secrets',
  '/proc',
  '/sys',
  '/dev',
];

const inside = (path: string, directory: string) =>
  path === directory || path.startsWith(`${directory}/`);

/** Where something may be laid into the server's container. */
const mountPath = absolutePath('A path')
  .refine(
    path => path.length > 1 && !/\/(\.{0,2})(\/|$)/.test(path),
    'A path names something below /, without //, . and .., and does not end in /.',
  )
  .refine(
    path =>
      !RESERVED_PATHS.some(
        reserved => inside(path, reserved) || inside(reserved, path),
      ),
    `Nothing may lie in or over ${RESERVED_PATHS.join(', ')}.`,
  );

const key = z
  .string()
  .max(253)
  .regex(
    /^[-._a-zA-Z0-9]+$/,
    'A key has letters, digits, hyphens, dots and underscores.',
  );

export const envFromSchema = z.record(
  envNameSchema,
  z
    .object({
      secret: objectRef('Secret').optional(),
      configMap: objectRef('ConfigMap').optional(),
      key,
    })
    .strict()
    .refine(
      source =>
        (source.secret === undefined) !== (source.configMap === undefined),
      'Name a secret or a configMap, and not both.',
    ),
);

export const filesSchema = z
  .record(mountPath, z.string())
  .superRefine((files, ctx) => {
    const paths = Object.keys(files);
    const bytes = paths.reduce(
      (sum, path) => sum + new TextEncoder().encode(files[path]).length,
      0,
    );
    if (bytes > MAX_FILES_BYTES) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        message: `All files together have at most ${MAX_FILES_BYTES.toLocaleString(
          'en',
        )} bytes, these have ${bytes.toLocaleString(
          'en',
        )}. Put larger data into the image.`,
      });
    }
    if (paths.length > 64) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        message: 'A server has at most 64 files. Put more into the image.',
      });
    }
  });

export const volumesSchema = z
  .record(
    z
      .string()
      .max(50)
      .regex(
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
        'A volume is named by lower-case letters, digits and hyphens.',
      ),
    z
      .object({
        path: mountPath.describe('Where the server finds it'),
        emptyDir: z
          .object({
            size: quantity('The size'),
            memory: z.boolean().optional(),
          })
          .strict()
          .optional()
          .describe('A directory that lives as long as its pod'),
        claim: objectRef('PersistentVolumeClaim')
          .optional()
          .describe('A PersistentVolumeClaim, which all pods share'),
        readOnly: z.boolean().optional(),
      })
      .strict()
      .refine(
        volume =>
          (volume.emptyDir === undefined) !== (volume.claim === undefined),
        'A volume is an emptyDir or a claim, and not both.',
      ),
  )
  .refine(
    volumes => Object.keys(volumes).length <= 16,
    'A server has at most 16 volumes.',
  );

const timing = z
  .object({
    periodSeconds: count(300),
    timeoutSeconds: count(60),
    failureThreshold: count(3_600),
  })
  .partial()
  .strict();

export const probesSchema = z
  .object({
    startup: timing.describe('Until the server is ready for the first time'),
    readiness: timing.describe('Whether new sessions are sent to a pod'),
    liveness: timing.describe('Whether a pod is restarted'),
  })
  .partial()
  .strict();

/** Prefixes of labels that say whose an object is, or steer Kubernetes itself. */
const RESERVED_LABELS = [
  'mcp-cloud.io',
  'backstage.io',
  'kubernetes.io',
  'k8s.io',
];

export const labelsSchema = z
  .record(
    labelKey.refine(label => {
      const [prefix, name] = label.split('/');
      return (
        (name !== undefined || label !== 'pod-template-hash') &&
        !(
          name !== undefined &&
          RESERVED_LABELS.some(
            reserved => prefix === reserved || prefix.endsWith(`.${reserved}`),
          )
        )
      );
    }, `Labels under ${RESERVED_LABELS.join(', ')} and pod-template-hash belong to the platform.`),
    labelValue,
  )
  .refine(
    labels => Object.keys(labels).length <= 32,
    'A server has at most 32 labels of its own.',
  );

const toleration = z
  .object({
    key: labelKey.refine(
      name => !/(^|[./])node(-role)?\.kubernetes\.io\//.test(name),
      'Servers do not tolerate what Kubernetes itself keeps pods away by.',
    ),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: labelValue.optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.number().int().min(0).max(86_400).optional(),
  })
  .strict()
  .refine(
    ({ operator, value }) => operator !== 'Exists' || value === undefined,
    'With operator Exists there is no value.',
  )
  .refine(
    ({ effect, tolerationSeconds }) =>
      tolerationSeconds === undefined || effect === 'NoExecute',
    'tolerationSeconds needs the effect NoExecute.',
  );

const spread = z.enum(['prefer', 'require', 'off']);

export const placementSchema = z
  .object({
    zones: z
      .array(labelValue.refine(zone => zone !== '', 'A zone has a name.'))
      .min(1)
      .max(32)
      .optional()
      .describe('Zones that pods may run in'),
    nodeSelector: z
      .record(labelKey, labelValue)
      .optional()
      .describe('Labels that their nodes have'),
    tolerations: z
      .array(toleration)
      .max(16)
      .optional()
      .describe('Taints that their nodes may have'),
    spreadHosts: spread
      .optional()
      .describe('Whether pods are spread over nodes'),
    spreadZones: spread
      .optional()
      .describe('Whether pods are spread over zones'),
  })
  .strict();

/** What is laid into the container, by its path. */
export function mountedPaths(spec: {
  files: Record<string, string>;
  volumes: Record<string, { path: string }>;
}): Array<{ path: string; field: [string, string] }> {
  return [
    ...Object.keys(spec.files).map(path => ({
      path,
      field: ['files', path] as [string, string],
    })),
    ...Object.entries(spec.volumes).map(([name, { path }]) => ({
      path,
      field: ['volumes', name] as [string, string],
    })),
  ];
}
