import type { ServerStatus } from '@mcp-cloud/plugin-mcp-cloud-common';
import { count } from './plainWords';
import type { Silence } from './types';

/** A server whose pods look well says so when they do not answer, and one that is down says what is done about it. */
export function withSilence(
  status: ServerStatus,
  silence: Silence | undefined,
): ServerStatus {
  if (!silence) {
    return status;
  }
  const hint = silence.retryAt
    ? `Replacing its pods did not help for long; it is done again at ${timeOf(
        silence.retryAt,
      )}. Look at the log: what does the server wait for?`
    : 'If this goes on, the pods are replaced by themselves.';
  if (status.state === 'Running') {
    const all = silence.pods >= status.pods.ready;
    const who = all
      ? 'The server runs, but does not answer'
      : `${count(silence.pods, 'pod')} of ${
          status.pods.ready
        } run, but do not answer`;
    return {
      ...status,
      state: all ? 'Failed' : 'Degraded',
      reason: 'NotAnswering',
      message: `${who} MCP clients since ${timeOf(silence.since)}.`,
      hint,
    };
  }
  const isDown = status.state === 'Failed' || status.state === 'Degraded';
  return isDown
    ? { ...status, hint: [status.hint, hint].filter(Boolean).join(' ') }
    : status;
}

function timeOf(at: string): string {
  return `${at.slice(11, 19)} UTC`;
}
