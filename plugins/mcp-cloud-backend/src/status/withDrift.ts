import type {
  DriftedObject,
  ServerDrift,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { isLostSecret } from '../drift/isLostSecret';
import { oneLine } from './plainWords';

/** A server that is as wanted by its pods, but whose objects somebody changed, says so. */
export function withDrift(
  status: ServerStatus,
  drift: ServerDrift | undefined,
): ServerStatus {
  const isSettled = status.state === 'Running' || status.state === 'Stopped';
  if (!isSettled || drift?.state !== 'drifted') {
    return status;
  }
  const what = drift.objects.map(inWords).join(', ');
  return {
    ...status,
    reason: 'Drifted',
    message: oneLine(`${status.message} But ${what}.`, 400),
    hint: hintFor(drift),
  };
}

function hintFor({ objects, repairsItself }: ServerDrift): string {
  if (objects.some(isLostSecret)) {
    return 'Give the secret values again and deploy: nobody else has them.';
  }
  return repairsItself
    ? 'It is put right by itself.'
    : 'Look at what differs, and repair it, or deploy what is wanted.';
}

function inWords({ kind, name, drift, fields }: DriftedObject): string {
  if (drift === 'missing') {
    return `${kind} ${name} is missing`;
  }
  const managers = new Set(fields.flatMap(({ by }) => by?.manager ?? []));
  const by = managers.size ? ` by ${[...managers].join(' and ')}` : '';
  return `${kind} ${name} was changed${by}`;
}
