import type { ClientRequest } from 'node:http';
import { exchange } from './exchange.ts';
import type { Wire, WireOptions } from './fronts.ts';
import { INITIALIZED } from './message.ts';
import { untilInitialized } from './opening.ts';

/** HTTP+SSE of 2024-11-05. */
export async function connectSse({
  subject: { port },
  headers = {},
  initialize,
  onMessage,
  onLost,
}: WireOptions): Promise<Wire> {
  let stream: ClientRequest | undefined;
  const opening = untilInitialized(onMessage);
  const endpoint = await new Promise<string>((resolve, reject) => {
    const lost = (error: Error) => {
      reject(error);
      opening.fail(error);
      onLost(error.message);
    };
    exchange(port, {
      method: 'GET',
      path: '/sse',
      headers,
      onMessage: opening.onMessage,
      onEvent: (_event, data) => resolve(data),
      onRequest: req => {
        stream = req;
      },
    }).then(
      ({ status }) => lost(new Error(`the stream has ended with ${status}`)),
      lost,
    );
  });
  const send = (body: string, call?: Parameters<Wire['send']>[1]) =>
    void exchange(port, {
      path: endpoint,
      headers,
      body,
      onMessage: message => onMessage(message, call), // what was wrong with it
    }).catch((error: Error) => onLost(error.message, call));
  send(initialize);
  await opening.done;
  await exchange(port, { path: endpoint, headers, body: INITIALIZED });
  return {
    send,
    async close() {
      stream?.destroy();
    },
    abandon: () => stream?.destroy(),
  };
}
