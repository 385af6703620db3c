import type { QuotaAmounts } from '@mcp-cloud/plugin-mcp-cloud-common';

/** What the servers of one owner may take together; what is left out is not limited. */
export type Limits = Partial<QuotaAmounts>;

/** The limits of the platform, from its configuration. */
export interface QuotaLimits {
  default: Limits;
  /** Owners with limits of their own, which are complete, by entity reference in full. */
  owners: ReadonlyMap<string, Limits>;
}

/** The limits of one owner. */
export function limitsOf(limits: QuotaLimits, owner: string): Limits {
  return limits.owners.get(owner) ?? limits.default;
}
