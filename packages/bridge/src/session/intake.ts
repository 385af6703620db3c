import { invalid, Refusal } from '../frames/errors';
import type { Body, RequestFrame } from '../frames/frame';
import type { Session } from './session';
import type { Call, CallOutlet } from './types';

/**
 * Passes notifications and answers of a client on. What is wrong with any part
 * refuses the whole, before anything was passed on.
 * @returns the requests, which need a place for their answers
 * @throws Refusal
 */
export function takeIn(
  session: Session,
  { batch, frames }: Body,
  maxPending: number,
): RequestFrame[] {
  if (batch && session.protocolVersion !== '2025-03-26') {
    throw invalid('Batches exist in revision 2025-03-26 only');
  }
  const requests = frames.filter(
    (frame): frame is RequestFrame => frame.kind === 'request',
  );
  if (
    requests.length > 1 &&
    session.pendingCount + requests.length > maxPending
  ) {
    throw new Refusal(
      429,
      'pending',
      'The batch has more requests than this session may have unanswered',
      { retryAfterSeconds: 1 },
    );
  }
  for (const frame of frames) {
    if (frame.kind === 'notification') session.notify(frame);
    else if (frame.kind === 'response') session.respond(frame);
  }
  return requests;
}

/** What a sender's requests go through; it may refuse them, or change them or the place for their answers. */
export interface Passage {
  /** @throws Refusal */
  pass(frame: RequestFrame, outlet: CallOutlet): Call;
}

/** Sends requests to the server; those that are refused are told one by one. */
export function sendAll(
  session: Session,
  requests: readonly RequestFrame[],
  outlet: CallOutlet,
  passage: Passage,
  startedAt: number,
  onRefused: (refusal: Refusal, frame: RequestFrame) => void,
): void {
  for (const frame of requests) {
    try {
      const call = passage.pass(frame, outlet);
      session.request(call.frame, call.outlet, startedAt);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      onRefused(error, frame);
    }
  }
}
