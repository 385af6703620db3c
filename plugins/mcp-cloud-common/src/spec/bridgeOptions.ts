import { z } from 'zod/v3';
import { count, duration, envNameSchema, size } from './values';

/*
 * What a server's owner may set of the bridge. Names and values are the bridge's own (docs/reference/bridge-configuration.md),
 * so that they can be passed on as they stand; what is not set is as the bridge has it.
 */

/** What a header's name consists of. */
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
/** These prove to the bridge who the caller is, or belong to the connection. */
const NO_CREDENTIAL_HEADERS = new Set([
  'authorization',
  'mcp-cloud-authorization',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
]);

const httpsUrl = z
  .string()
  .max(2048)
  .url('This must be a URL.')
  .regex(/^https:\/\//, 'This must be a URL that begins with https://.');
const word = z.string().min(1).max(256);
const words = z.array(word).max(64);

export const limitsSchema = z
  .object({
    maxSessions: count(10_000).describe('Sessions of one pod'),
    maxChildren: count(10_001).describe(
      'Processes of one pod, the waiting one included',
    ),
    maxPending: count(10_000).describe('Unanswered requests of a session'),
    maxBody: size('64MB').describe('Size of a request'),
    maxLine: size('64MB').describe('Size of a message of the server'),
    maxQueue: size('256MB').describe('Bytes queued for a slow reader'),
    maxReplay: size('16MB').describe(
      'Bytes that a session keeps for resumption',
    ),
    sessionIdle: duration.describe('Life of a session without any request'),
    reclaimAfter: duration.describe(
      'Quiet time after which a session may give its place to a new one',
    ),
    callTimeout: duration.describe('How long a call may take'),
    poolSize: count(1_000).describe(
      'Processes that serve one call each at a time',
    ),
    inputTimeout: duration.describe('How long a call waits for its client'),
    rate: z
      .number()
      .positive('A rate must be more than 0.')
      .max(1_000_000)
      .describe('Messages a second of one principal, at each pod'),
    burst: count(1_000_000).describe(
      'Messages of one principal that may come at once',
    ),
    keepAlive: duration.describe('How often open streams show that they live'),
  })
  .partial()
  .strict();

const ruleSchema = z
  .object({
    tools: words.min(1, 'A rule names at least one tool.'),
    scopes: words.optional(),
    claims: z
      .record(word, z.union([word, words.min(1)]))
      .refine(
        claims => !Object.keys(claims).includes('__proto__'),
        'This name cannot be used.',
      )
      .optional(),
    keys: words.optional(),
  })
  .strict();

export const toolsSchema = z
  .object({
    default: z
      .enum(['allow', 'deny'])
      .optional()
      .describe('Whether everybody may call tools that no rule names'),
    rules: z
      .array(ruleSchema)
      .max(256)
      .optional()
      .describe('Who may call which tools, by scopes, claims or keys'),
  })
  .strict();

export const headerEnvSchema = z
  .record(
    z
      .string()
      .regex(HEADER, 'This is not the name of a header.')
      .refine(
        name => !NO_CREDENTIAL_HEADERS.has(name.toLowerCase()),
        'The bridge needs this header for itself. Choose another one.',
      ),
    envNameSchema,
  )
  .refine(
    headers => Object.keys(headers).length <= 32,
    'At most 32 headers become variables.',
  );

export const jwtSchema = z
  .object({
    issuer: httpsUrl.describe('Who makes the tokens'),
    audience: httpsUrl.describe(
      'URL at which clients reach this server, for which tokens must be',
    ),
    jwksUri: httpsUrl
      .optional()
      .describe("The issuer's keys; found by its metadata when not set"),
    scopes: words.optional().describe('What every token must have'),
    clockTolerance: duration
      .optional()
      .describe("How far the issuer's clock may be off"),
  })
  .strict();

export const originSchema = z
  .string()
  .max(512)
  .regex(
    /^(\*|https?:\/\/[A-Za-z0-9.[\]:-]+)$/,
    'An origin is written as https://host, or * for any.',
  );
