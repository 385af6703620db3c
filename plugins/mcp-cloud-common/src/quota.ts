/**
 * What the servers of one owner take together, as it is wanted of them: a stopped server counts as a server and takes
 * nothing else, and one that is scaled by load takes its most pods.
 */
export interface QuotaAmounts {
  servers: number;
  /** Pods. */
  replicas: number;
  /** CPU that the pods request. */
  cpuMillicores: number;
  /** Memory that the pods may use at most. */
  memoryBytes: number;
}

/** What the servers of an owner may take, and take. */
export interface OwnerQuota {
  /** Entity reference in full. */
  owner: string;
  /** What is left out is not limited. */
  limits: Partial<QuotaAmounts>;
  used: QuotaAmounts;
}

/** The quota of an owner as a change would leave it. */
export interface QuotaAfter extends OwnerQuota {
  after: QuotaAmounts;
}
