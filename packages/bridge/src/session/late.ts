/** Progress tokens of tasks, which outlive the request that made them. */
const MAX_LATE_TOKENS = 256;

/** The client's progress tokens of calls that were answered, by the token the server knows; the oldest give way. */
export class LateTokens {
  private readonly tokens = new Map<number, string>();

  keep(upstreamId: number, tokenText: string): void {
    this.tokens.set(upstreamId, tokenText);
    if (this.tokens.size > MAX_LATE_TOKENS) {
      const [oldest] = this.tokens.keys();
      this.tokens.delete(oldest);
    }
  }

  get(token: unknown): string | undefined {
    return typeof token === 'number' ? this.tokens.get(token) : undefined;
  }
}
