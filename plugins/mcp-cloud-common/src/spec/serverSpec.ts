import { z } from 'zod/v3';
import { serverNameProblem } from '../names';
import {
  headerEnvSchema,
  jwtSchema,
  limitsSchema,
  originSchema,
  toolsSchema,
} from './bridgeOptions';
import {
  envFromSchema,
  filesSchema,
  labelsSchema,
  mountedPaths,
  placementSchema,
  probesSchema,
  volumesSchema,
} from './pod';
import { exposureSchema, networkSchema, serviceSchema } from './reach';
import { scalingSchema, verticalScalingSchema } from './scaling';
import {
  absolutePath,
  argument,
  dnsLabel,
  duration,
  entityRef,
  envNameSchema,
  envValueSchema,
  imageSchema,
  objectRef,
  quantity,
  unique,
} from './values';

/** The version of the Spec that this release writes. */
export const SPEC_API_VERSION = 'mcp-cloud.io/v1';

/** User id of the bridge's image. */
export const BRIDGE_USER = 65532;

/** Ports that the bridge of a pod has itself. */
export const BRIDGE_PORTS = [8080, 8081, 9090];

/** A server's name. */
export const serverNameSchema = z
  .string({ required_error: 'A server needs a name.' })
  .superRefine((name, ctx) => {
    const problem = serverNameProblem(name);
    if (problem) {
      ctx.addIssue({ code: z.ZodIssueCode.custom, message: problem });
    }
  })
  .describe('Unique name on the platform, part of every address of the server');

/**
 * What a user wants for a server. Immutable once stored as a revision; run state (running or stopped) and the
 * number of replicas live beside it. Unknown fields are refused.
 */
export const serverSpecSchema = z
  .object({
    apiVersion: z
      .literal(SPEC_API_VERSION)
      .default(SPEC_API_VERSION)
      .describe("Version of the Spec's format"),
    name: serverNameSchema,
    application: dnsLabel(
      'An application is named by lower-case letters, digits and hyphens.',
    )
      .optional()
      .describe(
        'Application that this server belongs to; by default the server is its own',
      ),
    environment: dnsLabel(
      'An environment is named by lower-case letters, digits and hyphens.',
    )
      .default('default')
      .describe('Environment of the application, such as staging'),
    owner: entityRef('The owner').describe(
      'Group or user that owns the server',
    ),
    system: entityRef('The system')
      .optional()
      .describe('Catalog system that the server is part of'),
    cluster: z
      .string()
      .min(1, 'A server needs a cluster.')
      .max(63)
      .describe('Cluster to run on'),
    image: imageSchema,
    imagePullSecrets: z
      .array(objectRef('Secret'))
      .max(8)
      .default([])
      .describe('Secrets with which the image is pulled'),
    command: z
      .array(argument)
      .max(64)
      .default([])
      .describe(
        "Command that starts the server; empty: the image's own, which for a bridge beside the image must be in a registry that the platform lists",
      ),
    args: z
      .array(argument)
      .max(256)
      .default([])
      .describe('Arguments after the command'),
    workingDir: absolutePath('The working directory')
      .optional()
      .describe(
        "Directory that the server starts in; by default the image's own",
      ),
    runAsUser: z
      .number()
      .int()
      .min(1, 'The server must not run as root. Choose a user id of 1 or more.')
      .max(2_147_483_647)
      .optional()
      .describe(
        "Numeric user id of the server; by default the image's own when a bridge beside it knows it as a number, and never that of this bridge",
      ),
    env: z
      .record(envNameSchema, envValueSchema)
      .default({})
      .describe('Environment variables, in plain text'),
    secrets: z
      .array(envNameSchema)
      .max(128)
      .default([])
      .describe(
        'Names of environment variables whose values are kept as secrets',
      ),
    envFrom: envFromSchema
      .default({})
      .describe(
        'Environment variables out of Secrets and ConfigMaps that the platform labelled for the owner',
      ),
    files: filesSchema
      .default({})
      .describe('Files that are laid into the container, by absolute path'),
    catalogRef: entityRef('The catalog entity')
      .optional()
      .describe(
        'Component of a repository that stands for this server; none is made then',
      ),
    resources: z
      .object({
        requests: z
          .object({ cpu: quantity('The CPU'), memory: quantity('The memory') })
          .strict(),
        limits: z
          .object({
            cpu: quantity('The CPU limit').optional(),
            memory: quantity('The memory limit'),
          })
          .strict(),
      })
      .strict()
      .default({
        requests: { cpu: '50m', memory: '128Mi' },
        limits: { memory: '512Mi' },
      })
      .describe('CPU and memory of each pod'),
    scaling: scalingSchema
      .optional()
      .describe(
        'Scaling by load, between a least and a most number of pods; without it the number is fixed',
      ),
    verticalScaling: verticalScalingSchema
      .optional()
      .describe(
        'Advice on requested CPU and memory by a VerticalPodAutoscaler; limits stay',
      ),
    podMonitor: z
      .boolean()
      .optional()
      .describe(
        "Whether a PodMonitor has Prometheus collect the bridges' metrics; by default as the platform has it",
      ),
    volumes: volumesSchema
      .default({})
      .describe('Directories besides those of the image, by name'),
    serviceAccount: objectRef('ServiceAccount')
      .optional()
      .describe(
        "Service account that the platform labelled for the owner; by default one of the server's own, without rights",
      ),
    labels: labelsSchema
      .default({})
      .describe('Labels on all objects of the server, besides our own'),
    placement: placementSchema
      .default({})
      .describe('Which nodes the pods run on'),
    probes: probesSchema
      .default({})
      .describe('How often and how patiently pods are asked'),
    service: serviceSchema
      .default({ type: 'ClusterIP' })
      .describe('The Service of the server'),
    exposure: exposureSchema
      .optional()
      .describe('How clients outside of the cluster reach the server'),
    network: networkSchema
      .default({ egress: 'internet', to: [] })
      .describe('What the server reaches'),
    transport: z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('stdio') }).strict(),
        z
          .object({
            type: z.literal('http'),
            port: z
              .number()
              .int()
              .min(1024)
              .max(65_535)
              .refine(
                port => !BRIDGE_PORTS.includes(port),
                `The bridge has ${BRIDGE_PORTS.join(
                  ', ',
                )} itself. Choose another port.`,
              ),
            path: z
              .string()
              .max(200)
              .regex(/^\/[A-Za-z0-9_~./-]*$/, 'A path is written as /mcp.')
              .default('/mcp'),
          })
          .strict(),
      ])
      .default({ type: 'stdio' })
      .describe(
        'What the server speaks inside its container: stdio, or Streamable HTTP at a port and path of 127.0.0.1',
      ),
    bridge: z
      .object({
        mode: z.enum(['baked', 'sidecar']).default('baked'),
        version: z
          .string()
          .regex(
            /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
            'A version of the bridge is a tag of its image, such as 0.1.0.',
          )
          .optional(),
      })
      .strict()
      .default({ mode: 'baked' })
      .describe('Where the bridge runs: in the image, or beside it'),
    handshake: z
      .enum(['full', 'bridge-only'])
      .default('full')
      .describe(
        "What a deploy waits for: an MCP handshake, or just the bridge (servers that need a user's credentials)",
      ),
    handshakeTimeout: duration
      .optional()
      .describe('How long the server may take to start'),
    stopGrace: duration
      .optional()
      .describe(
        'Time for a process after the end of its input, and again after SIGTERM',
      ),
    auth: z
      .enum(['platform', 'keys', 'jwt', 'none'])
      .default('platform')
      .describe(
        "How clients prove who they are: the portal's tokens, keys, tokens of an OAuth issuer, not at all",
      ),
    jwt: jwtSchema
      .optional()
      .describe('Whose tokens clients bring, with `auth: jwt`'),
    isolation: z
      .enum(['session', 'shared'])
      .default('session')
      .describe(
        'One process per session, or shared ones for servers without state',
      ),
    era: z
      .enum(['auto', 'legacy', 'modern'])
      .default('auto')
      .describe(
        'MCP revisions that the server speaks: with sessions, without, or to be found out',
      ),
    limits: limitsSchema
      .default({})
      .describe('How much the bridge lets through'),
    tools: toolsSchema.default({}).describe('Who may call which tools'),
    headerEnv: headerEnvSchema
      .default({})
      .describe(
        'Headers of requests by the variable that they become, for servers that take the credentials of one user',
      ),
    allowedOrigins: unique(originSchema, 64)
      .default([])
      .describe('Origins of web pages that may call the server'),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('What the bridge logs'),
  })
  .strict()
  .superRefine((spec, ctx) => {
    for (const name of Object.keys(spec.envFrom)) {
      if (Object.hasOwn(spec.env, name) || spec.secrets.includes(name)) {
        ctx.addIssue({
          code: z.ZodIssueCode.custom,
          path: ['envFrom', name],
          message: `${name} stands among env or secrets too. Keep one of them.`,
        });
      }
    }
    for (const { path, field } of mountedPaths(spec)) {
      const twice = mountedPaths(spec).some(
        other =>
          other.field.join() !== field.join() &&
          (other.path === path ||
            // A file is no directory.
            (other.field[0] === 'files' && path.startsWith(`${other.path}/`))),
      );
      if (twice) {
        ctx.addIssue({
          code: z.ZodIssueCode.custom,
          path: field,
          message: `Something else lies at ${path}, or in its way. Choose another path.`,
        });
      }
    }
    const both = spec.secrets.filter(name => Object.hasOwn(spec.env, name));
    if (both.length) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['secrets'],
        message: `${both.join(
          ', ',
        )} stands among the variables and among the secrets. Keep one of them.`,
      });
    }
    if (new Set(spec.secrets).size !== spec.secrets.length) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['secrets'],
        message: 'A secret is named twice.',
      });
    }
    if (
      spec.auth === 'none' &&
      (spec.exposure || spec.service.type === 'LoadBalancer')
    ) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['auth'],
        message:
          'A server that clients reach from outside is never open to everybody. Use platform, keys or jwt.',
      });
    }
    const { mode = 'recommend' } = spec.verticalScaling ?? {};
    const { cpu, memory } = spec.scaling?.targets ?? {};
    if (mode !== 'recommend' && (cpu ?? memory) !== undefined) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['verticalScaling', 'mode'],
        message:
          'What is requested must not change while the number of pods follows the share of it that is used. Use recommend, or leave scaling out.',
      });
    }
    if (spec.auth === 'jwt' && !spec.jwt) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['jwt'],
        message:
          'auth: jwt needs jwt, with the issuer and the audience of the tokens.',
      });
    }
    if (spec.auth !== 'jwt' && spec.jwt) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['jwt'],
        message: `jwt only counts with auth: jwt, and this server has auth: ${spec.auth}. Leave one of them out.`,
      });
    }
    if (spec.args.length && !spec.command.length) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['args'],
        message:
          'Arguments need a command. Give the command too, or leave both empty for the image’s own.',
      });
    }
    if (spec.bridge.mode === 'sidecar') {
      if (spec.runAsUser === BRIDGE_USER) {
        ctx.addIssue({
          code: z.ZodIssueCode.custom,
          path: ['runAsUser'],
          message: `${BRIDGE_USER} is the user of the bridge, which the server must not be. Choose another one.`,
        });
      }
    } else if (spec.bridge.version) {
      ctx.addIssue({
        code: z.ZodIssueCode.custom,
        path: ['bridge', 'version'],
        message:
          'An image that has the bridge has one version of it. Only a bridge beside the image can be chosen.',
      });
    }
  });

/** A complete Spec, defaults filled in. */
export type ServerSpec = z.output<typeof serverSpecSchema>;
/** A Spec as a person writes it: what has a default may be left out. */
export type ServerSpecInput = z.input<typeof serverSpecSchema>;

/** The application that a Spec names, which by default is the server itself. */
export function applicationOf(
  spec: Pick<ServerSpec, 'name' | 'application'>,
): string {
  return spec.application ?? spec.name;
}
