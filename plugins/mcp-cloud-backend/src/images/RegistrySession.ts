import { z } from 'zod/v3';
import { readChallenge } from './readChallenge';
import { RegistryError } from './RegistryError';
import { registryRequest, type RegistryResponse } from './registryRequest';
import type { RegistrySettings } from './types';

const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Where registries are that images name otherwise. */
const API_HOSTS: Record<string, string> = {
  'docker.io': 'registry-1.docker.io',
};
const KNOWN_HOSTS: Record<string, string[]> = {
  'docker.io': ['auth.docker.io'],
};

const tokenSchema = z
  .object({ token: z.string(), access_token: z.string() })
  .partial();

/** Reads from one repository of a registry, and nowhere else but where the platform lets the registry send us. */
export class RegistrySession {
  readonly #registry: RegistrySettings;
  readonly #repository: string;
  readonly #signal: AbortSignal;
  readonly #api: URL;
  #authorization?: string;

  constructor(
    registry: RegistrySettings,
    repository: string,
    signal: AbortSignal,
  ) {
    this.#registry = registry;
    this.#repository = repository;
    this.#signal = signal;
    this.#api = new URL(
      `${registry.insecure ? 'http' : 'https'}://${
        API_HOSTS[registry.host] ?? registry.host
      }`,
    );
    if (registry.login && 'token' in registry.login) {
      this.#authorization = `Bearer ${registry.login.token}`;
    }
  }

  /** `path` such as `manifests/1.4`. Nothing when it is not there. */
  async get(path: string, accept: string): Promise<Buffer | undefined> {
    const url = new URL(`/v2/${this.#repository}/${path}`, this.#api);
    let answer = await this.#follow(url, accept);
    const challenge = answer.headers['www-authenticate'];
    if (answer.status === 401 && challenge) {
      this.#authorization = await this.#authorize(challenge);
      answer = await this.#follow(url, accept);
    }
    if (answer.status === 404) {
      return undefined;
    }
    if (answer.status !== 200) {
      throw new RegistryError(
        answer.status === 401 || answer.status === 403
          ? 'does not let this portal see the image'
          : `answered with status ${answer.status}`,
      );
    }
    return answer.body;
  }

  async #follow(start: URL, accept: string): Promise<RegistryResponse> {
    let url = start;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await this.#send(url, {
        accept,
        // What stands elsewhere is reached by an address that is signed.
        ...(url.host === this.#api.host &&
          this.#authorization && { authorization: this.#authorization }),
      });
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.status) || !location) {
        return answer;
      }
      url = this.#allowed(location, url);
    }
    throw new RegistryError('redirects without end');
  }

  /** What to send instead of nothing, from what the registry asks for. */
  async #authorize(header: string): Promise<string> {
    const { scheme, realm, service } = readChallenge(header);
    const { login } = this.#registry;
    const basic =
      login && 'username' in login
        ? `Basic ${Buffer.from(`${login.username}:${login.password}`).toString(
            'base64',
          )}`
        : undefined;
    if (scheme === 'basic' && basic) {
      return basic;
    }
    if (scheme !== 'bearer' || !realm) {
      throw new RegistryError('wants a login');
    }
    const url = this.#allowed(realm);
    url.searchParams.set('scope', `repository:${this.#repository}:pull`);
    if (service) {
      url.searchParams.set('service', service);
    }
    const { status, body } = await this.#send(url, {
      accept: 'application/json',
      ...(basic && { authorization: basic }),
    });
    const answer =
      status === 200 ? tokenSchema.safeParse(parsed(body)) : undefined;
    const token = answer?.data?.token ?? answer?.data?.access_token;
    if (!token) {
      throw new RegistryError('does not let this portal see the image');
    }
    return `Bearer ${token}`;
  }

  /** An address that the registry gave us, when the platform lets us go there. */
  #allowed(address: string, base?: URL): URL {
    const { host, insecure, otherHosts } = this.#registry;
    if (!URL.canParse(address, base)) {
      throw new RegistryError('sends us to no address');
    }
    const url = new URL(address, base);
    const hosts = [this.#api.host, ...(KNOWN_HOSTS[host] ?? []), ...otherHosts];
    if (!hosts.includes(url.host)) {
      throw new RegistryError(
        `sends us to ${url.host}, which its entry does not list (otherHosts)`,
      );
    }
    if (url.protocol !== 'https:' && !(insecure && url.protocol === 'http:')) {
      throw new RegistryError(`sends us to ${url.host} without TLS`);
    }
    url.username = '';
    url.password = '';
    return url;
  }

  #send(url: URL, headers: Record<string, string>): Promise<RegistryResponse> {
    return registryRequest(url, {
      headers: { 'user-agent': 'mcp-cloud', ...headers },
      privateAddresses: this.#registry.privateAddresses,
      signal: this.#signal,
    });
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
