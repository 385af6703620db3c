import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { KubeApi } from '../clusters/types';

/** Where Envoy answers on this machine, from `MCP_CLOUD_TEST_INGRESS` (JSON). */
export function testIngress(): { http: string; https: string } {
  const ingress = process.env.MCP_CLOUD_TEST_INGRESS;
  if (!ingress) {
    throw new Error(
      'Set MCP_CLOUD_TEST_INGRESS to JSON with the addresses http and https of a cluster with the add-ons ingress and certificates.',
    );
  }
  return JSON.parse(ingress);
}

/** The certificate of the authority that the cluster's certificates are from. */
export async function clusterAuthority(api: KubeApi): Promise<string> {
  const { data } = await api.json<{ data: Record<string, string> }>({
    method: 'GET',
    path: '/api/v1/namespaces/cert-manager/secrets/dev-ca',
  });
  return Buffer.from(data['tls.crt'], 'base64').toString();
}

/** A `fetch` for hosts that no name server knows: all of them are Envoy, and one authority is trusted. */
export const outsideFetch =
  (ca: string): typeof fetch =>
  (input, init = {}) => {
    const { host, pathname, search } = new URL(`${input}`);
    const { hostname, port } = new URL(testIngress().https);
    const headers = Object.fromEntries(new Headers(init.headers));
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          ...{ hostname, port, path: pathname + search, ca, servername: host },
          method: init.method ?? 'GET',
          headers: { ...headers, host },
          signal: init.signal ?? undefined,
          // A connection for each request, so that they are spread over the pods.
          agent: false,
        },
        answer => {
          const { statusCode: status = 0 } = answer;
          const body = status === 204 ? null : Readable.toWeb(answer);
          resolve(
            new Response(body as ReadableStream | null, {
              status,
              headers: answer.headers as Record<string, string>,
            }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(init.body ?? undefined);
    });
  };
