import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, lookUpPublic, privateAddress } from './publicAddress';
import { RegistryError } from './RegistryError';

/** More than any manifest or configuration of an image has. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface RegistryResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** One GET, without redirects. Errors say nothing of the path, which may be signed. */
export function registryRequest(
  url: URL,
  options: {
    headers: http.OutgoingHttpHeaders;
    privateAddresses: boolean;
    signal: AbortSignal;
  },
): Promise<RegistryResponse> {
  const { headers, privateAddresses, signal } = options;
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (!privateAddresses && isIP(address) && !isPublicAddress(address)) {
    return Promise.reject(privateAddress());
  }
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'http:' ? http : https;
    const sent = request(url, {
      headers,
      signal,
      // A connection that somebody else opened may lead to an address that was not looked at.
      agent: false,
      ...(!privateAddresses && { lookup: lookUpPublic }),
    });
    sent.once('error', reject);
    sent.once('response', response => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes > MAX_BYTES) {
          sent.destroy(new RegistryError('answered with too much'));
        }
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.end();
  });
}
