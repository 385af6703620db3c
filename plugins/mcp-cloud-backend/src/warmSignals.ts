import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const PATIENCE_MS = 500;

/**
 * The signals plugin begins to listen for WebSocket upgrades when it meets the first one, and leaves that one without
 * an answer: the first page after a start of the backend would wait seconds for its socket. This spends that first
 * one. It can only help, so whatever goes wrong with it is passed over.
 */
export async function warmSignals(signalsBaseUrl: string): Promise<void> {
  const send = signalsBaseUrl.startsWith('https:') ? httpsRequest : httpRequest;
  await new Promise<void>(resolve => {
    const request = send(signalsBaseUrl, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
      timeout: PATIENCE_MS,
    });
    request.on('timeout', () => request.destroy());
    request.on('response', response => response.resume());
    // It was listening already.
    request.on('upgrade', (_response, socket) => socket.destroy());
    request.on('error', () => {});
    request.on('close', resolve);
    request.end();
  });
}
