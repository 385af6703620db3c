import { Refusal } from '../frames/errors';
import type { BridgeMetrics } from '../observability/metrics';
import type { Channel } from './channel';
import { refusalText } from './errors';
import type { Permit } from './permit';
import { messagesOf } from './request';

/** Gives a channel what came on its connection; what is refused is answered there. */
export function receive(
  channel: Channel,
  permit: Permit,
  text: string,
  maxPending: number,
  metrics: BridgeMetrics,
  send: (raw: string) => void,
): void {
  const refused = (refusal: Refusal, idText: string | null) => {
    metrics.rejected(refusal.reason);
    send(refusalText(refusal, idText));
  };
  const startedAt = performance.now();
  let idText: string | null = null;
  try {
    const body = messagesOf(text);
    const [frame] = body.frames;
    if (!body.batch && frame.kind === 'request') idText = frame.idText;
    permit.admit(body);
    channel.accept(body, permit, maxPending, startedAt, (refusal, request) =>
      refused(refusal, request.idText),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused(error, idText);
  }
}
