import type { Identity } from './identity';

const MAX_TOKENS = 1000;

export interface Verified {
  readonly identity: Identity;
  /** Unix milliseconds. */
  readonly until: number;
}

/** Tokens that were verified, so that a signature is checked once; the oldest give way. */
export class VerifiedTokens {
  private readonly tokens = new Map<string, Verified>();

  /** @throws what `verify` throws */
  async of(
    token: string,
    verify: (token: string) => Promise<Verified>,
  ): Promise<Identity> {
    const known = this.tokens.get(token);
    if (known && known.until > Date.now()) return known.identity;
    this.tokens.delete(token);
    const verified = await verify(token);
    if (this.tokens.size >= MAX_TOKENS) {
      const [oldest] = this.tokens.keys();
      this.tokens.delete(oldest);
    }
    this.tokens.set(token, verified);
    return verified.identity;
  }
}
