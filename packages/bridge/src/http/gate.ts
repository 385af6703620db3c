import type { IncomingHttpHeaders } from 'node:http';
import { createAuthenticator } from '../auth/createAuthenticator';
import type { Authenticator, Identity } from '../auth/identity';
import { RateLimiter } from '../auth/RateLimiter';
import { ResourceMetadata, resourceMetadata } from '../auth/resource';
import { ToolPolicy } from '../auth/ToolPolicy';
import type { Credentials } from '../child/process';
import type { BridgeConfig } from '../config/schema';
import { Refusal } from '../frames/errors';
import type { Tracing } from '../observability/tracing';
import { UsageCounts } from '../observability/UsageCounts';
import { Permit } from './permit';

/** Who may come in, how often, and what they may call; settled by the configuration. */
export class Gate {
  authenticator: Authenticator;
  policy: ToolPolicy;
  /** For clients that look for where to get a token. */
  metadata?: ResourceMetadata;
  readonly usage = new UsageCounts();
  /** Set when there is a collector for traces. */
  tracing?: Tracing;
  private readonly rates = new RateLimiter();

  constructor(private config: BridgeConfig) {
    this.authenticator = createAuthenticator(config.auth);
    this.policy = new ToolPolicy(config.tools);
    this.metadata = resourceMetadata(config.auth);
  }

  /** @returns whether some who were let in may not be any more */
  reconfigure(config: BridgeConfig): boolean {
    const before = JSON.stringify(this.config.auth);
    this.config = config;
    this.policy = new ToolPolicy(config.tools);
    if (JSON.stringify(config.auth) === before) return false;
    this.authenticator = createAuthenticator(config.auth);
    this.metadata = resourceMetadata(config.auth);
    return true;
  }

  /** @throws Refusal when the sender is not known, or may not come in */
  permit(headers: IncomingHttpHeaders): Promise<Permit> {
    return Permit.of(this, headers);
  }

  /** Variables that a request brings for its session's process; none without such headers. */
  credentialsIn(headers: IncomingHttpHeaders): Credentials | undefined {
    const { headerEnv } = this.config;
    const found = Object.entries(headerEnv).flatMap(([name, variable]) => {
      const value = headers[name.toLowerCase()];
      return typeof value === 'string' && value !== ''
        ? [[variable, value] as const]
        : [];
    });
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  }

  /** @throws Refusal 429 */
  charge({ principal }: Identity, messages: number): void {
    const { rate, burst } = this.config.limits;
    if (rate === undefined) return;
    const wait = this.rates.take(principal, messages, { rate, burst });
    if (wait === 0) return;
    const retryAfterSeconds = Math.ceil(wait);
    throw new Refusal(
      429,
      'rate',
      `More than ${rate} messages a second; try again in ${retryAfterSeconds} s`,
      { retryAfterSeconds, data: { retryAfterSeconds } },
    );
  }
}
