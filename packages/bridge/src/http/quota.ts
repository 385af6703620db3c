import { Refusal } from '../frames/errors';
import type { Principal } from '../session/types';

/** How much each principal has under way. */
export class Quota {
  total = 0;
  private readonly byPrincipal = new Map<Principal, number>();

  /** @throws Refusal 429 when the principal has `max` already */
  take(principal: Principal, max: number): void {
    const count = this.byPrincipal.get(principal) ?? 0;
    if (count >= max) {
      const text = `You already have ${max} unanswered requests`;
      throw new Refusal(429, 'pending', text, { retryAfterSeconds: 1 });
    }
    this.byPrincipal.set(principal, count + 1);
    this.total++;
  }

  giveBack(principal: Principal): void {
    const count = (this.byPrincipal.get(principal) ?? 0) - 1;
    if (count > 0) this.byPrincipal.set(principal, count);
    else this.byPrincipal.delete(principal);
    this.total--;
  }
}
