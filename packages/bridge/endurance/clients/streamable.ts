import type { ClientRequest } from 'node:http';
import type { Call } from '../ledger.ts';
import { exchange } from './exchange.ts';
import type { Wire, WireOptions } from './fronts.ts';
import { INITIALIZED } from './message.ts';

/** Streamable HTTP up to 2025-11-25, with a GET stream. */
export async function connectStreamable({
  subject: { port },
  headers: given = {},
  initialize,
  onMessage,
  onLost,
}: WireOptions): Promise<Wire> {
  let refused: unknown;
  const opened = await exchange(port, {
    headers: given,
    body: initialize,
    onMessage: ({ error }) => {
      refused = error;
    },
  });
  const id = opened.headers['mcp-session-id'];
  if (opened.status !== 200 || typeof id !== 'string')
    throw new Error(`${opened.status} ${JSON.stringify(refused)}`);
  const headers = {
    ...given,
    'mcp-session-id': id,
    'mcp-protocol-version': '2025-06-18',
  };
  let closed = false;
  let stream: ClientRequest | undefined;
  const listen = () =>
    new Promise<void>(resolve => {
      void exchange(port, {
        method: 'GET',
        headers,
        onMessage,
        onRequest: req => {
          stream = req;
        },
        onHeaders: () => resolve(),
      }).then(
        // The bridge ends such streams now and then, and wants them anew.
        ({ status }) => (status === 200 && !closed ? void listen() : undefined),
        () => resolve(),
      );
    });
  const wire: Wire = {
    send(text: string, call?: Call) {
      void exchange(port, {
        headers,
        body: text,
        onMessage: message => onMessage(message, call),
      }).then(
        ({ status }) => {
          if (call && !call.isSettled) onLost(`ended with ${status}`, call);
        },
        (error: Error) => onLost(error.message, call),
      );
    },
    async close() {
      closed = true;
      await exchange(port, { method: 'DELETE', headers });
    },
    abandon() {
      closed = true;
      stream?.destroy();
    },
  };
  await exchange(port, { headers, body: INITIALIZED });
  await listen();
  return wire;
}
