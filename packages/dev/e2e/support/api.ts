import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { signIn } from '../../src/portal/session.ts';
import { cluster, image, portal, ports } from './surroundings.ts';

export interface Answer<T> {
  status: number;
  body: T;
}

interface Server {
  id: string;
  name: string;
  status: { state: string; reason: string };
}
interface Operation {
  id: string;
  state: string;
  error?: { reason: string; message: string };
}

/** The portal's REST interface, as one person. */
export class Person {
  readonly token: string;

  private constructor(token: string) {
    this.token = token;
  }

  static async named(id: 'alice' | 'bob' | 'carol'): Promise<Person> {
    return new Person(await signIn(ports, id));
  }

  async call<T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const response = await fetch(`${portal}/api/mcp-cloud${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        'Content-Type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text ? JSON.parse(text) : undefined) as T,
    };
  }

  async server(name: string): Promise<Server> {
    return (await this.call<Server>('GET', `/servers/${name}`)).body;
  }

  /** Asks for a change and waits until it is carried out. */
  async change(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Operation> {
    const accepted = await this.call<{ operation: Operation }>(
      method,
      path,
      body,
    );
    if (accepted.status !== 202) {
      throw new Error(
        `${method} ${path}: ${accepted.status} ${JSON.stringify(
          accepted.body,
        )}`,
      );
    }
    for (;;) {
      const { body: operation } = await this.call<Operation>(
        'GET',
        `/operations/${accepted.body.operation.id}`,
      );
      if (!['queued', 'running'].includes(operation.state)) {
        return operation;
      }
      await sleep(200);
    }
  }

  async deploy(name: string, owner: string, replicas = 1): Promise<Server> {
    const { state, error } = await this.change('POST', '/servers', {
      spec: { name, owner, cluster, image },
      replicas,
    });
    if (state !== 'succeeded') {
      throw new Error(`${name} was not deployed: ${JSON.stringify(error)}`);
    }
    return this.server(name);
  }

  async remove(name: string): Promise<void> {
    await this.change('DELETE', `/servers/${name}`);
  }
}

/** A client of the official SDK, connected; close it in the end. */
export async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'portal-tests', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return client;
}

export const mcpUrl = (server: string) =>
  `${portal}/api/mcp-cloud/servers/${server}/mcp`;
