import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import { KubeApiError } from './KubeApiError';
import type { KubeApi, KubeRequest } from './types';

const DEFAULT_HEADERS_TIMEOUT_MS = 5_000;
/** A JSON answer that stops coming is given up after this long without a byte. */
const BODY_SILENCE_MS = 15_000;
/** How long credentials are used before they are asked for anew; sources with an expiry keep their own. */
const CREDENTIALS_MS = 5_000;
/** Of an error's body no more than this is read. */
const MAX_ERROR_BYTES = 64 * 1024;

/** What `KubeConfig` says about signing in, for one request. */
interface Access {
  headers: http.OutgoingHttpHeaders;
  auth?: string;
  agent: http.Agent;
}

/**
 * Speaks to one API server over kept-alive connections. Credentials are taken from the `KubeConfig` again every few
 * seconds and after each 401, so tokens that rotate on disk or come from a plugin never grow stale.
 */
export class HttpKubeApi implements KubeApi {
  readonly #kubeConfig: KubeConfig;
  readonly #base: URL;
  readonly #usesProxy: boolean;
  #access?: { value: Promise<Access>; until: number };
  #agent?: { key: string; agent: http.Agent };

  constructor(kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) {
      throw new Error('The kubeconfig has no cluster in its current context.');
    }
    this.#kubeConfig = kubeConfig;
    this.#base = new URL(cluster.server);
    this.#usesProxy = Boolean(cluster.proxyUrl);
  }

  /** Host name of the API server, as a bridge behind its proxy sees it. */
  get host(): string {
    return this.#base.hostname;
  }

  async json<T>(request: KubeRequest): Promise<T> {
    const response = await this.stream({
      ...request,
      headers: { accept: 'application/json', ...request.headers },
    });
    const status = response.statusCode ?? 0;
    const text = await readText(
      response,
      status >= 400 ? MAX_ERROR_BYTES : Infinity,
    );
    if (status >= 400) {
      throw KubeApiError.fromResponse(status, text);
    }
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new KubeApiError(
        'The API server answered with something that is not JSON.',
        status,
        'BadAnswer',
        { cause },
      );
    }
  }

  async stream(request: KubeRequest): Promise<http.IncomingMessage> {
    request.signal?.throwIfAborted();
    const access = await this.#currentAccess();
    try {
      const response = await this.#send(request, access);
      if (response.statusCode === 401) {
        this.#access = undefined;
      }
      return response;
    } catch (error) {
      request.signal?.throwIfAborted();
      throw KubeApiError.fromCause(error);
    }
  }

  /** Closes idle connections; running requests go on. */
  close(): void {
    this.#agent?.agent.destroy();
    this.#agent = undefined;
    this.#access = undefined;
  }

  #send(request: KubeRequest, access: Access): Promise<http.IncomingMessage> {
    const { body, signal } = request;
    const url = new URL(this.#base);
    url.pathname = joinPath(this.#base.pathname, request.path);
    url.search = searchOf(request.query);
    const payload =
      body === undefined || body instanceof Readable
        ? undefined
        : Buffer.from(JSON.stringify(body));

    const headers: http.OutgoingHttpHeaders = { ...access.headers };
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      if (value !== undefined) {
        headers[name.toLowerCase()] = value;
      }
    }
    if (payload) {
      headers['content-length'] = payload.byteLength;
    }
    if (body !== undefined && !headers['content-type']) {
      headers['content-type'] = request.contentType ?? 'application/json';
    }

    return new Promise((resolve, reject) => {
      const transport = url.protocol === 'http:' ? http : https;
      const sent = transport.request(url, {
        method: request.method,
        headers,
        auth: access.auth,
        agent: access.agent,
        signal,
      });
      const limit = request.headersTimeoutMs ?? DEFAULT_HEADERS_TIMEOUT_MS;
      const timer = limit
        ? setTimeout(() => {
            sent.destroy(
              new KubeApiError(
                `The API server did not answer within ${
                  Math.round(limit / 100) / 10
                } s.`,
                0,
                'Unreachable',
              ),
            );
          }, limit)
        : undefined;
      sent.once('response', response => {
        clearTimeout(timer);
        // Without a listener an abort after this point would be an unhandled 'error' event of the request or answer.
        response.on('error', () => undefined);
        resolve(response);
      });
      sent.on('error', error => {
        clearTimeout(timer);
        reject(error);
      });
      if (body instanceof Readable) {
        body.once('error', error => sent.destroy(error));
        body.pipe(sent);
      } else {
        sent.end(payload);
      }
    });
  }

  async #currentAccess(): Promise<Access> {
    if (!this.#access || this.#access.until < Date.now()) {
      const value = this.#readAccess();
      this.#access = { value, until: Date.now() + CREDENTIALS_MS };
      value.catch(() => {
        this.#access = undefined;
      });
    }
    return this.#access.value;
  }

  async #readAccess(): Promise<Access> {
    const options: https.RequestOptions = { headers: {} };
    try {
      if (this.#base.protocol === 'http:') {
        // client-node insists on TLS; without it there is nothing to verify, but a token may still be needed.
        const token = this.#kubeConfig.getCurrentUser()?.token;
        return {
          headers: token ? { authorization: `Bearer ${token}` } : {},
          agent: this.#agentFor(
            'http',
            () => new http.Agent({ keepAlive: true }),
          ),
        };
      }
      await this.#kubeConfig.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new KubeApiError(
        "The credentials for the API server could not be read. Look at the cluster's entry in mcpCloud.clusters.",
        0,
        'Unreachable',
        { cause },
      );
    }
    const headers = lowerCased(options.headers as http.OutgoingHttpHeaders);
    const auth = options.auth ?? undefined;
    if (this.#usesProxy && options.agent instanceof http.Agent) {
      return { headers, auth, agent: options.agent };
    }
    const tls: https.AgentOptions = {
      ca: options.ca,
      cert: options.cert,
      key: options.key,
      pfx: options.pfx,
      passphrase: options.passphrase,
      servername: options.servername,
      ...(options.rejectUnauthorized === undefined
        ? {}
        : { rejectUnauthorized: options.rejectUnauthorized }),
    };
    // A new agent only when certificates changed: its connections are worth keeping.
    const agent = this.#agentFor(
      fingerprint(tls),
      () =>
        new https.Agent({
          ...tls,
          keepAlive: true,
          keepAliveMsecs: 15_000,
          maxFreeSockets: 16,
        }),
    );
    return { headers, auth, agent };
  }

  #agentFor(key: string, make: () => http.Agent): http.Agent {
    if (this.#agent?.key !== key) {
      this.#agent = { key, agent: make() };
    }
    return this.#agent.agent;
  }
}

function joinPath(base: string, path: string): string {
  return `${base.replace(/\/$/, '')}${path}`;
}

function searchOf(query: KubeRequest['query']): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) {
      params.append(name, String(value));
    }
  }
  return params.toString();
}

function lowerCased(
  headers: http.OutgoingHttpHeaders = {},
): http.OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function fingerprint(tls: https.AgentOptions): string {
  const hash = createHash('sha256');
  for (const part of [
    tls.ca,
    tls.cert,
    tls.key,
    tls.pfx,
    tls.servername,
    String(tls.rejectUnauthorized),
  ]) {
    hash
      .update(Buffer.isBuffer(part) || typeof part === 'string' ? part : '')
      .update('\0');
  }
  return hash.digest('hex');
}

/** Reads a body of UTF-8 text; cuts it at `limit` bytes and fails when it falls silent. */
export async function readText(
  response: http.IncomingMessage,
  limit: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const silence = setTimeout(
    () =>
      response.destroy(
        new KubeApiError(
          'The API server stopped in the middle of its answer.',
          0,
          'Unreachable',
        ),
      ),
    BODY_SILENCE_MS,
  );
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      silence.refresh();
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= limit) {
        break;
      }
    }
  } catch (error) {
    throw (error as Error).name === 'AbortError'
      ? error
      : KubeApiError.fromCause(error);
  } finally {
    clearTimeout(silence);
  }
  return Buffer.concat(chunks).toString('utf8');
}
