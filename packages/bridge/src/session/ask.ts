import { parseFrame, RequestFrame, ResponseFrame } from '../frames/frame';
import type { Relay } from './relay';

/** A request of the bridge's own. */
export function requestFrame(method: string, params: object): RequestFrame {
  const message = { jsonrpc: '2.0', id: 0, method, params };
  return parseFrame(JSON.stringify(message)) as RequestFrame;
}

/** Asks a server on the bridge's own account. Resolves with an error frame when there is no answer. */
export function ask(
  relay: Relay,
  method: string,
  params: object,
): Promise<ResponseFrame> {
  return new Promise(resolve => {
    relay.request(requestFrame(method, params), {
      send: () => {},
      answer: (raw, { frame }) =>
        resolve(frame ?? (parseFrame(raw) as ResponseFrame)),
    });
  });
}
