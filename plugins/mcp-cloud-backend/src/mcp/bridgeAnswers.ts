import type { BridgeReport } from '../clusters/types';
import type { BridgeUsage } from './types';

const NO_BRIDGE = 'What answers on the port of the bridge is not one.';
/** What the tables hold of a name. */
const MAX_PRINCIPAL = 255;
const MAX_TOOL = 128;

/** Makes sure of the shape: what stands in a pod is not ours to trust. */
export function toReport(text: string): BridgeReport {
  let raw: Partial<BridgeReport>;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new Error(NO_BRIDGE);
  }
  if (!raw || typeof raw.ready?.ok !== 'boolean') {
    throw new Error(NO_BRIDGE);
  }
  const lines = (value: unknown) =>
    Array.isArray(value) ? value.filter(line => typeof line === 'string') : [];
  return {
    version: String(raw.version ?? ''),
    ...(typeof raw.configHash === 'string'
      ? { configHash: raw.configHash }
      : {}),
    draining: raw.draining === true,
    ready: raw.ready,
    sessions: Number(raw.sessions) || 0,
    lastExits: (Array.isArray(raw.lastExits) ? raw.lastExits : []).map(
      exit => ({
        at: String(exit.at),
        code: exit.code ?? null,
        signal: exit.signal ?? null,
        stderr: lines(exit.stderr),
      }),
    ),
    stderr: lines(raw.stderr),
  };
}

/** Makes sure of the shape, as above; entries that have another one are left out. */
export function toUsage(text: string): BridgeUsage {
  let raw: Partial<BridgeUsage>;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new Error(NO_BRIDGE);
  }
  const { bootId, usage } = raw ?? {};
  if (
    typeof bootId !== 'string' ||
    bootId.length > 64 ||
    !Array.isArray(usage)
  ) {
    throw new Error(NO_BRIDGE);
  }
  const sums = new Map<string, BridgeUsage['usage'][number]>();
  for (const entry of usage) {
    const principal = String(entry?.principal).slice(0, MAX_PRINCIPAL);
    const tool = String(entry?.tool).slice(0, MAX_TOOL);
    const at = new Date(String(entry?.lastCallAt));
    const calls = Number(entry?.calls);
    if (Number.isSafeInteger(calls) && calls > 0 && !isNaN(at.getTime())) {
      const key = JSON.stringify([principal, tool]);
      const lastCallAt = at.toISOString();
      const before = sums.get(key);
      sums.set(key, {
        principal,
        tool,
        calls: calls + (before?.calls ?? 0),
        lastCallAt:
          before && before.lastCallAt > lastCallAt
            ? before.lastCallAt
            : lastCallAt,
      });
    }
  }
  return { bootId, usage: [...sums.values()] };
}
