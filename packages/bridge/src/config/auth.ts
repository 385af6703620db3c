import { z } from 'zod/v3';
import { isLoopback } from './loopback';
import { duration, list, text, whole } from './kinds';

const jwkSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: text.describe('by which tokens name it'),
  x: text,
});

/** A public key of the portal. */
export type PublicJwk = z.infer<typeof jwkSchema>;

const staticKeySchema = z.object({
  id: text.describe('its name in rules and counts; no secret'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be a SHA-256 in hex, 64 characters')
    .describe('SHA-256 of the key, in hex'),
  principal: text.optional().describe('who its bearer is; key:ID when not set'),
  scopes: list.default([]).describe('what its bearer may do, for rules'),
});

export type StaticKey = z.infer<typeof staticKeySchema>;

const url = z.string().url();

const jwtSchema = z.object({
  issuer: url.describe('who makes the tokens; their claim iss'),
  resource: url.describe(
    'URL at which clients reach this server; the audience that tokens must have',
  ),
  jwksUri: url
    .optional()
    .describe("the issuer's keys; found by its metadata when not set"),
  scopes: list.default([]).describe('what every token must have'),
  clockTolerance: duration
    .default('30s')
    .describe("how far the issuer's clock may be off"),
});

export type JwtSettings = z.output<typeof jwtSchema>;

export const authSchema = z
  .object({
    mode: z
      .enum(['platform', 'keys', 'jwt', 'none'])
      .optional()
      .describe(
        "how callers prove who they are: the portal's tokens, static keys, tokens of an OAuth issuer, not at all; on a loopback host it is none when nothing else is configured, elsewhere platform",
      ),
    audience: text
      .optional()
      .describe("platform: the server's id, for which tokens are made"),
    keys: z
      .array(jwkSchema)
      .default([])
      .describe("platform: the portal's public keys"),
    notBefore: whole
      .default(0)
      .describe('platform: tokens from before this second (Unix) are void'),
    staticKeys: z
      .array(staticKeySchema)
      .default([])
      .describe('keys: who may come in'),
    jwt: jwtSchema.optional(),
  })
  .default({});

type AuthSettings = z.output<typeof authSchema>;
export type AuthConfig = AuthSettings & {
  readonly mode: NonNullable<AuthSettings['mode']>;
};

type Problem = (path: string[], message: string) => void;

const TO_TRY =
  'to try a server on your own machine, listen on 127.0.0.1 (the default)';

/** Settles the mode, and tells what it lacks. */
export function resolveAuth(
  auth: AuthSettings,
  host: string,
  problem: Problem,
): AuthConfig {
  const local = isLoopback(host);
  const configured =
    auth.audience !== undefined ||
    auth.keys.length > 0 ||
    auth.staticKeys.length > 0 ||
    auth.jwt !== undefined;
  const mode = auth.mode ?? (local && !configured ? 'none' : 'platform');
  if (auth.mode === undefined && !local && !configured) {
    problem(
      ['auth', 'mode'],
      `other machines reach "${host}", so say how callers prove who they are: --auth platform, keys or jwt; ${TO_TRY}`,
    );
  } else if (mode === 'none' && !local && !hasPortal(auth)) {
    problem(
      ['auth', 'mode'],
      `"none" is only allowed on a loopback host or by the portal, and the host is "${host}"; use platform, keys or jwt; ${TO_TRY}`,
    );
  } else if (mode === 'platform' && !hasPortal(auth)) {
    problem(
      ['auth'],
      'mode "platform" needs auth.audience and at least one public key in auth.keys, which the portal writes into the configuration file; for other tokens say --auth keys or jwt, and to try a server on your own machine --auth none',
    );
  } else if (
    mode === 'keys' &&
    auth.staticKeys.length === 0 &&
    !hasPortal(auth)
  ) {
    problem(
      ['auth', 'staticKeys'],
      'mode "keys" needs at least one key, as {id, hash}; the reference shows how to make one',
    );
  } else if (mode === 'jwt' && auth.jwt === undefined) {
    problem(
      ['auth', 'jwt'],
      'mode "jwt" needs auth.jwt.issuer and auth.jwt.resource',
    );
  }
  const ids = auth.staticKeys.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    problem(['auth', 'staticKeys'], `the id "${twice}" stands twice`);
  return { ...auth, mode };
}

/** Whether the portal's tokens can be verified; it has its own header for them in every mode. */
export function hasPortal({ audience, keys }: AuthSettings): boolean {
  return audience !== undefined && keys.length > 0;
}
