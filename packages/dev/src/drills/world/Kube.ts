import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec, type KubeConfig } from '@kubernetes/client-node';

/** As much of a Kubernetes object as the drills look at. */
export interface KubeObject {
  kind?: string;
  metadata: {
    name: string;
    uid: string;
    generation?: number;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown> & { replicas?: number };
  status?: {
    phase?: string;
    conditions?: Array<{ type: string; status: string }>;
    containerStatuses?: Array<{ restartCount: number }>;
  };
}

const LABEL = 'mcp-cloud.io/server';

/** Every kind of which a server has objects, or objects of objects. */
export const serverCollections = [
  'apis/apps/v1/deployments',
  'apis/apps/v1/replicasets',
  'api/v1/pods',
  'api/v1/services',
  'api/v1/serviceaccounts',
  'api/v1/configmaps',
  'api/v1/secrets',
  'apis/networking.k8s.io/v1/networkpolicies',
  'apis/policy/v1/poddisruptionbudgets',
  'apis/autoscaling/v2/horizontalpodautoscalers',
  'apis/discovery.k8s.io/v1/endpointslices',
];

export const isReady = (pod: KubeObject) =>
  !pod.metadata.deletionTimestamp &&
  (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );

/** The cluster as its administrator sees it: what the portal says is compared with this. */
export class Kube {
  readonly namespace: string;
  readonly #config: KubeConfig;

  constructor(config: KubeConfig, namespace: string) {
    this.#config = config;
    this.namespace = namespace;
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<{ status: number; text: string }> {
    const response = await this.open(method, path, body, contentType);
    return { status: response.statusCode ?? 0, text: await text(response) };
  }

  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<T> {
    const answer = await this.request(method, path, body, contentType);
    if (answer.status >= 300) {
      throw new Error(
        `${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`,
      );
    }
    return JSON.parse(answer.text) as T;
  }

  /** An object of our namespace, by its collection such as `apis/apps/v1/deployments`. */
  async find(
    collection: string,
    name: string,
  ): Promise<KubeObject | undefined> {
    const path = `${this.in(collection)}/${name}`;
    const answer = await this.request('GET', path);
    return answer.status === 404
      ? undefined
      : (JSON.parse(answer.text) as KubeObject);
  }

  deployment(server: string): Promise<KubeObject | undefined> {
    return this.find('apis/apps/v1/deployments', `mcp-${server}`);
  }

  async list(collection: string, selector?: string): Promise<KubeObject[]> {
    const query = selector
      ? `?labelSelector=${encodeURIComponent(selector)}`
      : '';
    const path = `${this.in(collection)}${query}`;
    return (await this.json<{ items: KubeObject[] }>('GET', path)).items;
  }

  pods(serverId: string): Promise<KubeObject[]> {
    return this.list('api/v1/pods', `${LABEL}=${serverId}`);
  }

  async readyPods(serverId: string): Promise<KubeObject[]> {
    return (await this.pods(serverId)).filter(isReady);
  }

  /** Everything that carries the server's label, or a name made from the server's. */
  async objectsOf(server: { id?: string; name: string }): Promise<string[]> {
    const found = await Promise.all(
      serverCollections.map(async collection =>
        (await this.list(collection))
          .filter(
            ({ metadata: { name, labels } }) =>
              (server.id && labels?.[LABEL] === server.id) ||
              name === `mcp-${server.name}` ||
              name.startsWith(`mcp-${server.name}--`),
          )
          .map(object => `${collection}/${object.metadata.name}`),
      ),
    );
    return found.flat();
  }

  /** Every object whose name begins so, with the id of the server whose label it carries. */
  async labelled(
    prefix: string,
  ): Promise<Array<{ path: string; server?: string }>> {
    const found = await Promise.all(
      serverCollections.map(async collection =>
        (
          await this.list(collection)
        )
          .filter(({ metadata }) => metadata.name.startsWith(prefix))
          .map(({ metadata }) => ({
            path: `${collection}/${metadata.name}`,
            server: metadata.labels?.[LABEL],
          })),
      ),
    );
    return found.flat();
  }

  /** Deletes everything of servers whose names begin so, whatever database may have known of them. */
  async clear(prefix: string): Promise<void> {
    for (const collection of serverCollections) {
      const left = (await this.list(collection)).filter(({ metadata }) =>
        metadata.name.startsWith(`mcp-${prefix}`),
      );
      const remove = async () => {
        for (let one = left.pop(); one; one = left.pop()) {
          const path = `${this.in(collection)}/${one.metadata.name}`;
          await this.request('DELETE', path);
        }
      };
      // There may be thousands.
      await Promise.all([remove(), remove(), remove(), remove()]);
    }
  }

  async deletePod(name: string, graceSeconds?: number): Promise<void> {
    const path = `${this.in('api/v1/pods')}/${name}`;
    const body =
      graceSeconds === undefined
        ? undefined
        : { gracePeriodSeconds: graceSeconds };
    await this.json('DELETE', path, body);
  }

  /** Merges fields into an object, by its path, or into its status. */
  merge(path: string, body: unknown): Promise<KubeObject> {
    return this.json('PATCH', path, body, 'application/merge-patch+json');
  }

  create(collection: string, body: unknown, query = ''): Promise<KubeObject> {
    return this.json('POST', `${this.in(collection)}${query}`, body);
  }

  async logs(pod: string): Promise<string> {
    const path = `${this.in('api/v1/pods')}/${pod}/log`;
    return (await this.request('GET', path)).text;
  }

  /** Runs a command in the pod's container; returns what it wrote and whether it succeeded. */
  exec(
    pod: string,
    container: string,
    command: string[],
  ): Promise<{ ok: boolean; output: string }> {
    const out = new PassThrough();
    const written = text(out);
    return new Promise((resolve, reject) => {
      new Exec(this.#config)
        .exec(
          this.namespace,
          pod,
          container,
          command,
          out,
          out,
          null,
          false,
          ({ status }) => {
            out.end();
            written.then(output =>
              resolve({ ok: status === 'Success', output: output.trim() }),
            );
          },
        )
        .catch(reject);
    });
  }

  /** Tells of each change to a collection of our namespace, until stopped. Returns how to stop once it listens. */
  async watch(
    collection: string,
    onChange: (type: string, object: KubeObject) => void,
  ): Promise<() => void> {
    const { metadata } = await this.json<KubeObject>(
      'GET',
      `${this.in(collection)}?limit=1`,
    );
    let version = metadata.resourceVersion;
    let stopped = false;
    let response: IncomingMessage;
    const listen = async (): Promise<void> => {
      response = await this.open(
        'GET',
        `${this.in(
          collection,
        )}?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`,
      );
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as {
            type: string;
            object: KubeObject;
          };
          version = object.metadata.resourceVersion;
          if (type !== 'BOOKMARK') {
            onChange(type, object);
          }
        }
      });
      response.on('error', () => {}); // our own end of it
      const goOn = () => {
        if (!stopped) {
          listen().catch(() => setTimeout(goOn, 1_000));
        }
      };
      response.on('end', goOn); // after half an hour or more the API server ends every watch
    };
    await listen();
    return () => {
      stopped = true;
      response.destroy();
    };
  }

  /** The path of a collection of our namespace. */
  in(collection: string): string {
    const at = collection.lastIndexOf('/');
    return `/${collection.slice(0, at)}/namespaces/${
      this.namespace
    }${collection.slice(at)}`;
  }

  /** An answer whose body is still to be read. */
  async open(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<IncomingMessage> {
    const url = new URL(path, this.#config.getCurrentCluster()?.server);
    const options: https.RequestOptions = { method, headers: {} };
    await this.#config.applyToHTTPSOptions(options);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    if (payload !== undefined) {
      options.headers = {
        ...options.headers,
        'content-type': contentType,
        'content-length': Buffer.byteLength(payload),
      };
    }
    return new Promise<IncomingMessage>((resolve, reject) => {
      https.request(url, options, resolve).on('error', reject).end(payload);
    });
  }
}
