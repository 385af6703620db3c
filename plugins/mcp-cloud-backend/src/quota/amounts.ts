import type { QuotaAmounts } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What is counted of each owner, in the order in which people read it. */
export const KINDS = [
  'servers',
  'replicas',
  'cpuMillicores',
  'memoryBytes',
] as const satisfies Array<keyof QuotaAmounts>;

/** What a server takes that is not there. */
export const NOTHING: QuotaAmounts = {
  servers: 0,
  replicas: 0,
  cpuMillicores: 0,
  memoryBytes: 0,
};

/** One and the other together; `times: -1` takes the other away. */
export function plus(
  one: QuotaAmounts,
  other: QuotaAmounts,
  times: 1 | -1 = 1,
): QuotaAmounts {
  const sum = { ...one };
  KINDS.forEach(kind => (sum[kind] += times * other[kind]));
  return sum;
}
