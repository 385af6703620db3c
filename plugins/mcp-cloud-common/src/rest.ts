import { ResponseError } from '@backstage/errors';

/** A backend passes its token; in a browser the fetch API adds the person's own. */
export interface RequestOptions {
  token?: string;
  signal?: AbortSignal;
  /** For a change: sent again within 24 hours with the same key and body, it is not done again. */
  idempotencyKey?: string;
}

/** What `McpCloudClient` speaks through. */
export interface RestOptions {
  discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  fetchApi?: { fetch: typeof fetch };
}

/** Requests to the plugin's REST interface. Throws a `ResponseError` for an answer that is not a success. */
export class Rest {
  readonly #discovery: RestOptions['discoveryApi'];
  readonly #fetch: typeof fetch;

  constructor(options: RestOptions) {
    this.#discovery = options.discoveryApi;
    this.#fetch = options.fetchApi?.fetch ?? ((...args) => fetch(...args));
  }

  baseUrl(): Promise<string> {
    return this.#discovery.getBaseUrl('mcp-cloud');
  }

  async json<T>(
    method: string,
    path: string,
    options?: RequestOptions,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<T> {
    const response = await this.request(method, path, options, body, headers);
    return (await response.json()) as T;
  }

  async request(
    method: string,
    path: string,
    options: RequestOptions = {},
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    // A file goes as it is.
    const isJson = body !== undefined && !(body instanceof Blob);
    const response = await this.#fetch(`${await this.baseUrl()}${path}`, {
      method,
      headers: {
        ...headers,
        ...(options.idempotencyKey
          ? { 'Idempotency-Key': options.idempotencyKey }
          : {}),
        ...(isJson ? { 'Content-Type': 'application/json' } : {}),
        ...(options.token ? { Authorization: `Bearer ${options.token}` } : {}),
      },
      body: isJson ? JSON.stringify(body) : body,
      signal: options.signal,
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}

/** Path of a server, or of something of it. */
export function serverPath(name: string, part = '', query: object = {}) {
  return `/servers/${encodeURIComponent(name)}${part}${search(query)}`;
}

/** A query with what is set of it. */
export function search(query: object): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') {
        params.append(key, String(one));
      }
    }
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}
