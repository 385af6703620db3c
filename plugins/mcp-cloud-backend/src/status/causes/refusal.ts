import { eventTime } from '../../clusters/EventIndex';
import type { ObservedServer } from '../../clusters/types';
import { oneLine } from '../plainWords';
import type { Cause } from './Cause';

/** How long a refused creation counts after it was last seen. */
const REFUSAL_MS = 5 * 60_000;

/** The API server's words when it refuses to make pods: a quota, or an admission rule. */
export function refusal(
  observed: ObservedServer,
  now: Date,
  podsMissing: boolean,
): Cause | undefined {
  if (!podsMissing) {
    return undefined;
  }
  const condition = observed.deployment?.status?.conditions?.find(
    one => one.type === 'ReplicaFailure' && one.status === 'True',
  );
  const event = observed.events.find(
    one =>
      one.involvedObject.kind === 'ReplicaSet' &&
      ['FailedCreate', 'SuccessfulCreate'].includes(one.reason ?? ''),
  );
  const fresh =
    event?.reason === 'FailedCreate' &&
    now.getTime() - eventTime(event) < REFUSAL_MS;
  const words = condition?.message ?? (fresh ? event?.message : undefined);
  if (!words) {
    return undefined;
  }
  const said = oneLine(words.replace(/^Error creating: /, ''), 400);
  if (/exceeded quota/i.test(words)) {
    return {
      reason: 'QuotaExceeded',
      message: `The namespace's quota does not allow the pod: ${said}`,
      hint: "Lower requests or replicas, stop another server, or ask the platform's operators for more.",
    };
  }
  return {
    reason: 'PodRefused',
    message: `The cluster refuses to make the pod: ${said}`,
    hint: "Change what is refused, or ask the platform's operators about the rule.",
  };
}
