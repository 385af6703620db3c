import { Refusal } from '../frames/errors';
import type { Sent } from './types';

/** A request that is on its way to be sent. @param onRefused told in words why it is not */
export function later(
  sending: Promise<Sent>,
  onRefused: (message: string) => void,
): Sent {
  let cancelled: Parameters<Sent['cancel']> | undefined;
  let sent: Sent | undefined;
  sending.then(
    made => {
      sent = made;
      if (cancelled) made.cancel(...cancelled);
    },
    (error: unknown) => {
      if (cancelled) return;
      if (!(error instanceof Refusal)) throw error;
      onRefused(error.message);
    },
  );
  return {
    cancel: told => {
      cancelled = [told];
      sent?.cancel(told);
    },
  };
}
