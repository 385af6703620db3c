import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type {
  Operation,
  Pod,
  Server,
  ServerStatus,
  Spec,
} from './restModel.ts';

/** An answer, whatever its status. */
export interface Answer<T = unknown> {
  status: number;
  body: T;
  /** From the sending of the request to the end of the answer. */
  ms: number;
}

/** A signed-in person (or, without a token, nobody) at the REST interface of one backend. */
export class Person {
  readonly base: string;
  readonly token: string | undefined;

  constructor(portal: string, token: string | undefined) {
    this.base = `${portal}/api/mcp-cloud`;
    this.token = token;
  }

  /** The same person at another backend of the same database. */
  at(portal: string): Person {
    return new Person(portal, this.token);
  }

  async send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const begin = performance.now();
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: {
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const ms = performance.now() - begin;
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Then the text itself is what there is to look at.
    }
    return { status: response.status, body: parsed as T, ms };
  }

  /** An answer that must be a success. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.send<T>(method, path, body);
    if (answer.status >= 300) {
      const words = JSON.stringify(answer.body).slice(0, 600);
      throw new Error(`${method} ${path}: ${answer.status} ${words}`);
    }
    return answer.body;
  }

  async deploy(
    spec: Spec,
    more: { replicas?: number; secretValues?: Record<string, string> } = {},
  ): Promise<Operation> {
    return this.#accepted('POST', '/servers', { spec, ...more });
  }

  async update(name: string, spec: Spec): Promise<Operation> {
    const { etag } = await this.server(name);
    const path = `/servers/${name}`;
    const answer = await this.send<{ operation: Operation }>(
      'PUT',
      path,
      { spec },
      { 'If-Match': etag },
    );
    if (answer.status !== 202) {
      throw new Error(`PUT ${path}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body.operation;
  }

  scale(name: string, replicas: number): Promise<Operation> {
    return this.#accepted('POST', `/servers/${name}/scale`, { replicas });
  }

  delete(name: string): Promise<Operation> {
    return this.#accepted('DELETE', `/servers/${name}`);
  }

  server(name: string): Promise<Server> {
    return this.ask('GET', `/servers/${name}`);
  }

  status(name: string): Promise<ServerStatus> {
    return this.ask('GET', `/servers/${name}/status`);
  }

  async pods(name: string): Promise<Pod[]> {
    const path = `/servers/${name}/pods`;
    return (await this.ask<{ items: Pod[] }>('GET', path)).items;
  }

  async operations(name: string): Promise<Operation[]> {
    const path = `/servers/${name}/operations`;
    return (await this.ask<{ items: Operation[] }>('GET', path)).items;
  }

  async createToken(name: string, expiresInSeconds = 600): Promise<string> {
    const path = `/servers/${name}/tokens`;
    const { token } = await this.ask<{ token: string }>('POST', path, {
      expiresInSeconds,
    });
    return token;
  }

  /** Waits for the end of an operation, whatever it is. */
  async ended({ id }: Operation, seconds = 90): Promise<Operation> {
    return until(
      `end of operation ${id}`,
      async () => {
        const now = await this.ask<Operation>('GET', `/operations/${id}`);
        return now.finishedAt !== undefined && now;
      },
      { seconds },
    );
  }

  /** Waits for the end of an operation, which has to be a success. */
  async done(operation: Operation, seconds = 90): Promise<Operation> {
    const end = await this.ended(operation, seconds);
    if (end.state !== 'succeeded') {
      throw new Error(
        `${end.kind} of ${end.serverName} failed: ${JSON.stringify(end.error)}`,
      );
    }
    return end;
  }

  async #accepted(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Operation> {
    return (await this.ask<{ operation: Operation }>(method, path, body))
      .operation;
  }
}
