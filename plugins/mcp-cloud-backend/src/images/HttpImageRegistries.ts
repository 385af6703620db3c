import { createHash } from 'node:crypto';
import { z } from 'zod/v3';
import { imageReference } from './imageReference';
import { RegistryError } from './RegistryError';
import { RegistrySession } from './RegistrySession';
import type {
  ImageAnswer,
  ImageFacts,
  ImageRegistries,
  RegistrySettings,
} from './types';

/** How long one image may take to be looked up, with all requests that it needs. */
const TIMEOUT_MS = 10_000;
const BRIDGE_LABEL = 'io.mcp-cloud.bridge';
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const manifestSchema = z.object({
  /** Of an index: one for each platform. */
  manifests: z
    .array(
      z.object({
        digest,
        platform: z
          .object({ os: z.string(), architecture: z.string() })
          .optional(),
      }),
    )
    .optional(),
  config: z.object({ digest }).optional(),
});
const words = z.array(z.string().max(4_096)).max(320).nullish();
const configSchema = z.object({
  config: z
    .object({
      Entrypoint: words,
      Cmd: words,
      User: z.string().max(256).nullish(),
      Labels: z.record(z.string()).nullish(),
    })
    .nullish(),
});

/** Asks the registries that the platform lists, by the OCI distribution API. */
export class HttpImageRegistries implements ImageRegistries {
  readonly #registries: Map<string, RegistrySettings>;
  readonly #timeoutMs: number;

  constructor(registries: RegistrySettings[], timeoutMs = TIMEOUT_MS) {
    this.#registries = new Map(registries.map(one => [one.host, one]));
    this.#timeoutMs = timeoutMs;
  }

  async lookUp(image: string): Promise<ImageAnswer> {
    const { registry: host, repository, version } = imageReference(image);
    const registry = this.#registries.get(host);
    if (!registry) {
      const reason = `${host} is no registry that this portal asks (mcpCloud.registries)`;
      return { state: 'unknown', asked: false, reason };
    }
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const facts = await factsOf(
        new RegistrySession(registry, repository, signal),
        version,
      );
      return facts ? { state: 'found', facts } : { state: 'missing' };
    } catch (error) {
      const reason = `${host} ${inWords(error, signal)}`;
      return { state: 'unknown', asked: true, reason };
    }
  }
}

async function factsOf(
  session: RegistrySession,
  version: string,
): Promise<ImageFacts | undefined> {
  const top = await session.get(`manifests/${version}`, MANIFESTS);
  if (!top) {
    return undefined;
  }
  const found = digestOf(top);
  if (version.startsWith('sha256:')) {
    verify(found, version);
  }
  let manifest = read(manifestSchema, top);
  if (manifest.manifests) {
    const one = platformOf(manifest.manifests);
    manifest = read(
      manifestSchema,
      await content(session, 'manifests', one, MANIFESTS),
    );
  }
  if (!manifest.config) {
    throw new RegistryError('has it in a format that is not known here');
  }
  const { config } = read(
    configSchema,
    await content(session, 'blobs', manifest.config.digest, '*/*'),
  );
  const bridge = config?.Labels?.[BRIDGE_LABEL];
  return {
    digest: found,
    command: [...(config?.Entrypoint ?? []), ...(config?.Cmd ?? [])],
    ...(config?.User && { user: config.User }),
    ...(bridge && { bridge }),
  };
}

/** What is named by its digest; anything else is refused. */
async function content(
  session: RegistrySession,
  kind: 'manifests' | 'blobs',
  wanted: string,
  accept: string,
): Promise<Buffer> {
  const body = await session.get(`${kind}/${wanted}`, accept);
  if (!body) {
    throw new RegistryError('has the image only in part');
  }
  verify(digestOf(body), wanted);
  return body;
}

/** Entry point and user are the same on all platforms; what is for none is an attestation. */
function platformOf(
  manifests: NonNullable<z.output<typeof manifestSchema>['manifests']>,
): string {
  const linux = manifests.filter(one => one.platform?.os === 'linux');
  const chosen =
    linux.find(one => one.platform?.architecture === 'amd64') ?? linux[0];
  if (!chosen) {
    throw new RegistryError('has the image for no Linux');
  }
  return chosen.digest;
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function verify(found: string, wanted: string): void {
  if (found !== wanted) {
    throw new RegistryError('answered with other bytes than those asked for');
  }
}

function read<T extends z.ZodTypeAny>(schema: T, body: Buffer): z.output<T> {
  try {
    return schema.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    throw new RegistryError('has it in a format that is not known here', {
      cause,
    });
  }
}

/** Goes on after the registry's name; of an unknown error only its code is told. */
function inWords(error: unknown, signal: AbortSignal): string {
  if (error instanceof RegistryError) {
    return error.message;
  }
  if (signal.aborted) {
    return 'did not answer in time';
  }
  const { code } = error as NodeJS.ErrnoException;
  return `does not answer${code ? ` (${code})` : ''}`;
}
