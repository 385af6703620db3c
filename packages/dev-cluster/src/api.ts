import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { folders } from './cluster.ts';
import type { Cluster } from './cluster.ts';

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** As much of the API server as starting it needs, with the administrator's certificate. */
export function apiClient(cluster: Cluster) {
  const pem = (file: string) => readFileSync(join(folders(cluster).pki, file));
  const credentials = {
    ca: pem('ca.crt'),
    cert: pem('admin.crt'),
    key: pem('admin.key'),
  };

  function call(method: string, path: string, body?: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...credentials,
          ...{
            host: '127.0.0.1',
            port: cluster.ports.apiServer,
            method,
            path,
            timeout: 5000,
          },
          // A connection of its own: a kept one would keep this process from ending.
          agent: false,
          headers: body
            ? { 'content-type': 'application/apply-patch+yaml' }
            : {},
        },
        incoming => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', chunk => (text += chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            (incoming.statusCode ?? 500) < 300
              ? resolve(text)
              : reject(
                  new Error(
                    `${method} ${path}: ${incoming.statusCode} ${text.slice(
                      0,
                      300,
                    )}`,
                  ),
                ),
          );
        },
      );
      outgoing.on('timeout', () =>
        outgoing.destroy(new Error(`${method} ${path}: no answer`)),
      );
      outgoing.on('error', reject);
      outgoing.end(body ? JSON.stringify(body) : undefined);
    });
  }

  return {
    isReady: async () => (await call('GET', '/readyz')) === 'ok',
    get: async <T>(path: string): Promise<T> =>
      JSON.parse(await call('GET', path)),
    /** Server-side apply: makes the object, or makes it so again. */
    apply: (object: KubernetesObject) =>
      call(
        'PATCH',
        `${pathOf(object)}?fieldManager=dev-cluster&force=true`,
        object,
      ),
  };
}

export type ApiClient = ReturnType<typeof apiClient>;

/** Where an object is found; the plural is regular for all kinds that are used here. */
export function pathOf({
  apiVersion,
  kind,
  metadata,
}: KubernetesObject): string {
  const root = apiVersion.includes('/')
    ? `/apis/${apiVersion}`
    : `/api/${apiVersion}`;
  const namespace = metadata.namespace
    ? `/namespaces/${metadata.namespace}`
    : '';
  const plural = `${kind.toLowerCase()}s`;
  return `${root}${namespace}/${plural}/${encodeURIComponent(metadata.name)}`;
}
