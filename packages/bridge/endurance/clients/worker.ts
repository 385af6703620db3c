import type { Subject } from '../bridge.ts';
import { answerTo, Ledger, type Call, type Tally } from '../ledger.ts';
import { FRONTS, type Wire } from './fronts.ts';
import { initializeText, requestText } from './message.ts';

/** A client that makes calls of the tool `work`. */
export interface Worker {
  /** Resolves when the call is over, however it went. */
  work(call: Call): Promise<void>;
  close(): Promise<void>;
  /** Leaves without a word. */
  abandon(): void;
}

export interface WorkerOptions {
  readonly subject: Subject;
  readonly tally: Tally;
  /** It declares that it can be asked. */
  readonly asked: boolean;
  readonly headers?: Record<string, string>;
}

/** What the client says when it is asked. */
export const sampled = (marker: string) => ({
  role: 'assistant',
  model: 'none',
  content: { type: 'text', text: answerTo(marker) },
});

/** One with a session, over one of the front ends. @throws Error when it is refused */
export async function openWorker(
  front: string,
  { subject, tally, asked, headers }: WorkerOptions,
): Promise<Worker> {
  const { version, connect } = FRONTS[front];
  const ledger = new Ledger(tally);
  let left = false;
  let lost: string | undefined;
  const wire: Wire = await connect({
    subject,
    headers,
    initialize: initializeText(version, asked ? { sampling: {} } : {}),
    onMessage: (message, on) => ledger.receive(message, on),
    onLost: (why, call) => {
      if (!call) lost = why;
      if (!left) ledger.lose(why, call && [call]);
    },
  });
  ledger.onQuestion = ({ id }, { marker }) =>
    wire.send(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(
        sampled(marker),
      )}}`,
    );
  return {
    async work(call) {
      const { marker, asks, token, idText } = call;
      ledger.begin(call);
      if (lost !== undefined) {
        ledger.lose(lost, [call]);
        return;
      }
      const params = {
        name: 'work',
        arguments: { marker, asks },
        _meta: { progressToken: token },
      };
      wire.send(requestText(idText, 'tools/call', params), call);
      await call.settled;
    },
    async close() {
      left = true;
      await wire.close();
    },
    abandon() {
      left = true;
      wire.abandon();
    },
  };
}
