import { z } from 'zod/v3';
import { authSchema, resolveAuth } from './auth';
import { count, duration, list, port, size, text } from './kinds';
import { toolsSchema } from './tools';
import { checkServer } from './upstream';

/*
 * Each option stands here once, with its type, default and meaning. Flags,
 * variables, --help, the list of known keys and the reference are made of it
 * (options.ts).
 */

/** Comments and pings more often than this would be all that the bridge does. */
const SHORTEST_KEEP_ALIVE = 10;
/** A client that begins sends several messages in a row. */
const LEAST_BURST = 20;
const FOR_THE_BRIDGE = ['authorization', 'mcp-cloud-authorization'];

const limitsSchema = z
  .object({
    maxSessions: count
      .default(100)
      .describe('open sessions; one more is refused with 503'),
    maxChildren: count
      .optional()
      .describe(
        'processes, the waiting one and the probe included; sessions + 1 when not set',
      ),
    maxPending: count
      .default(64)
      .describe(
        'unanswered requests of a session; one more is refused with 429',
      ),
    maxBody: size
      .default('4MB')
      .describe('size of a request; a longer one is refused with 413'),
    maxLine: size
      .default('10MB')
      .describe(
        'size of a message of the server; a longer one fails the call it answers',
      ),
    maxQueue: size
      .default('16MB')
      .describe('bytes queued for a slow reader before it is cut'),
    maxReplay: size
      .default('1MB')
      .describe('bytes of sent events that a session keeps for resumption'),
    sessionIdle: duration
      .default('30m')
      .describe('a session without any request for this long is ended'),
    reclaimAfter: duration
      .default('30s')
      .describe(
        'a session that is quiet for this long, with no call and no open stream or socket, gives its place to a new one when all are taken',
      ),
    callTimeout: duration.default('5m').describe('how long a call may take'),
    poolSize: count
      .default(4)
      .describe(
        'processes of a pool that serve one call each at a time, for clients that the server may ask something',
      ),
    inputTimeout: duration
      .default('10m')
      .describe(
        'how long a call waits for what the server has asked its client',
      ),
    rate: z.coerce
      .number()
      .positive()
      .optional()
      .describe(
        'messages a second of one principal, at each replica; more are refused with 429; no limit when not set',
      ),
    burst: count
      .optional()
      .describe(
        'messages of one principal that may come at once; as rate and at least 20 when not set',
      ),
    keepAlive: duration
      .default('15s')
      .transform(ms => Math.max(ms, SHORTEST_KEEP_ALIVE))
      .describe(
        'how often open streams and sockets show that they live, and that their token is still good',
      ),
  })
  .default({});

const peersSchema = z.object({
  service: text
    .optional()
    .describe('name of the headless Service of all replicas'),
  addresses: list
    .default([])
    .describe('replicas that are always there, besides those of the Service'),
  port: port
    .refine(value => value > 0, 'must not be 0')
    .default(8081)
    .describe('port on which replicas receive each other'),
});

const tlsSchema = z.object({
  cert: text.describe(
    'file with the certificate of the ports for clients, and its chain (PEM)',
  ),
  key: text.describe('file with its private key (PEM)'),
  clientCa: text
    .optional()
    .describe(
      'file with the authority of client certificates (PEM); clients must have one then',
    ),
});

const tracingSchema = z
  .object({
    endpoint: z
      .string()
      .url()
      .optional()
      .describe(
        'URL of an OpenTelemetry collector (OTLP over HTTP); no traces when not set',
      ),
    service: text.default('mcp-bridge').describe('name in traces'),
    ratio: z.coerce
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('share of traces that begin here and are kept, from 0 to 1'),
  })
  .default({});

export const settingsSchema = z.object({
  host: text.default('127.0.0.1').describe('address to listen on'),
  port: port.default(8080).describe('port for MCP'),
  adminHost: text
    .optional()
    .describe('address for health, status and metrics; as host when not set'),
  adminPort: port.default(9090).describe('port for health, status and metrics'),
  grpcPort: port
    .optional()
    .describe(
      'port for gRPC, over TLS when tls is set; without it there is none',
    ),
  agent: text
    .optional()
    .describe(
      "socket of the agent that runs the command in the server's own container",
    ),
  upstream: text
    .optional()
    .describe(
      'URL of a server that speaks Streamable HTTP itself, in place of one that speaks over stdio; a command, if there is one, is what serves it',
    ),
  upstreamHosts: list
    .default([])
    .describe(
      'host names that upstream may have besides the loopback ones; what is reached there must not be reached by anybody else',
    ),
  isolation: z
    .enum(['session', 'shared'])
    .default('session')
    .describe(
      'one process per session, or shared ones for servers without state',
    ),
  era: z
    .enum(['auto', 'legacy', 'modern'])
    .default('auto')
    .describe(
      'revisions that the server speaks: with sessions, without, or to be found out',
    ),
  tls: tlsSchema.optional(),
  auth: authSchema,
  tools: toolsSchema,
  allowedHosts: list
    .default([])
    .describe(
      'host names besides the loopback ones and that of auth.jwt.resource; one without a port allows every port',
    ),
  allowedOrigins: list
    .default([])
    .describe('origins of web pages besides the loopback ones; * for any'),
  limits: limitsSchema,
  peers: peersSchema.optional(),
  secretFile: text
    .optional()
    .describe('file with the secret that replicas share'),
  pod: z
    .object({
      uid: z
        .string()
        .max(64)
        .optional()
        .describe("this pod's UID, which no later pod has"),
      ip: z
        .string()
        .max(45)
        .optional()
        .describe('address under which other replicas reach this one'),
    })
    .default({}),
  tracing: tracingSchema,
  drain: duration
    .default('30s')
    .describe('how long running calls may take after SIGTERM'),
  headerEnv: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable'),
    )
    .default({})
    .describe(
      'headers of requests by the environment variable that they become, for servers that take the credentials of one user; a session with such headers has a process of its own, started with them; an upstream gets them as headers',
    ),
  handshake: z
    .enum(['full', 'bridge-only'])
    .default('full')
    .describe(
      'what readiness asks for: an answer to initialize, or the bridge alone',
    ),
  handshakeTimeout: duration
    .default('60s')
    .describe('how long the server may take to start'),
  stopGrace: duration
    .default('2s')
    .describe(
      'time for a process after the end of its stdin, and again after SIGTERM',
    ),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('what is logged'),
  command: z
    .array(z.string())
    .default([])
    .describe(
      'what to run; on the command line it stands after --; needed unless there is an upstream',
    ),
});

export const configSchema = settingsSchema.transform((config, context) => {
  const problem = (path: string[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  checkServer(config, problem);
  const auth = resolveAuth(config.auth, config.host, problem);
  for (const name of Object.keys(config.headerEnv)) {
    if (FOR_THE_BRIDGE.includes(name.toLowerCase()) && auth.mode !== 'none') {
      problem(
        ['headerEnv', name],
        'proves to the bridge who the caller is, and is never passed on; choose another header',
      );
    }
  }
  // Clients that come by the URL that their tokens are for are no strangers.
  const own =
    auth.mode === 'jwt' && auth.jwt ? [new URL(auth.jwt.resource).host] : [];
  return {
    ...config,
    allowedHosts: [...config.allowedHosts, ...own],
    auth,
    adminHost: config.adminHost ?? config.host,
    limits: {
      ...config.limits,
      maxChildren: config.limits.maxChildren ?? config.limits.maxSessions + 1,
      burst:
        config.limits.burst ??
        Math.max(LEAST_BURST, Math.ceil(config.limits.rate ?? 0)),
    },
  };
});

/** The bridge's whole configuration, durations in milliseconds and sizes in bytes. */
export type BridgeConfig = z.output<typeof configSchema>;
export type Limits = BridgeConfig['limits'];
