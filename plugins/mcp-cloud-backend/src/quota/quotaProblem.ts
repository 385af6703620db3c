import type { QuotaAmounts } from '@mcp-cloud/plugin-mcp-cloud-common';
import { KINDS } from './amounts';
import type { Limits } from './QuotaLimits';

type Kind = keyof QuotaAmounts;

const NAMES: Record<Kind, string> = {
  servers: 'servers',
  replicas: 'pods',
  cpuMillicores: 'requested CPU',
  memoryBytes: 'memory',
};

/**
 * Why an owner may not have `after`, of which `more` is what the change adds; nothing when it may. What does not grow
 * is no problem, so whoever has too much since a limit was lowered may still change what they have, or take less.
 */
export function quotaProblem(
  owner: string,
  limits: Limits,
  after: QuotaAmounts,
  more: QuotaAmounts,
): string | undefined {
  const over = KINDS.filter(
    kind => after[kind] > (limits[kind] ?? Infinity) && more[kind] > 0,
  );
  if (!over.length) {
    return undefined;
  }
  const parts = over.map(kind => {
    const used = after[kind] - more[kind];
    return `${NAMES[kind]}: ${inWords(kind, used)} of ${inWords(
      kind,
      limits[kind]!,
    )} used, and this asks for ${inWords(kind, more[kind])} more`;
  });
  const hint = over.includes('servers')
    ? 'Delete a server that nobody needs'
    : 'Ask for less, or stop or scale down a server';
  return `This is more than the quota of ${owner} allows. ${parts.join(
    '; ',
  )}. ${hint}, or have the portal's operators raise the limit (mcpCloud.quota).`;
}

function inWords(kind: Kind, amount: number): string {
  switch (kind) {
    case 'cpuMillicores':
      return `${amount / 1_000} CPU`;
    case 'memoryBytes':
      return bytes(amount);
    default:
      return String(amount);
  }
}

function bytes(amount: number): string {
  const [unit, size] =
    amount >= 2 ** 30
      ? (['GiB', 2 ** 30] as const)
      : (['MiB', 2 ** 20] as const);
  return `${Number((amount / size).toFixed(2))} ${unit}`;
}
