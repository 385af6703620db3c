import type { Principal } from '../session/types';

interface Bucket {
  tokens: number;
  /** From `performance.now()`. */
  at: number;
}

/** More principals than this are not remembered at a time; the one that was quiet for longest begins anew. */
const MAX_PRINCIPALS = 10_000;

/** One token bucket for each principal. */
export class RateLimiter {
  private readonly buckets = new Map<Principal, Bucket>();

  get size(): number {
    return this.buckets.size;
  }

  /**
   * Takes tokens, all or none.
   * @param amount more than `burst` counts as `burst`, as it could never be had
   * @returns 0, or the seconds after which there will be enough
   */
  take(
    principal: Principal,
    amount: number,
    { rate, burst }: { readonly rate: number; readonly burst: number },
    now = performance.now(),
  ): number {
    const bucket = this.buckets.get(principal) ?? { tokens: burst, at: now };
    const earned = ((now - bucket.at) / 1000) * rate;
    bucket.tokens = Math.min(burst, bucket.tokens + earned);
    bucket.at = now;
    // The order of a map is that of insertion: the first is the quietest.
    this.buckets.delete(principal);
    this.buckets.set(principal, bucket);
    if (this.buckets.size > MAX_PRINCIPALS) {
      const [quietest] = this.buckets.keys();
      this.buckets.delete(quietest);
    }
    const cost = Math.min(amount, burst);
    if (bucket.tokens < cost) return (cost - bucket.tokens) / rate;
    bucket.tokens -= cost;
    return 0;
  }
}
