import type { IdempotencyKey } from './IdempotencyKeys';

/** Who asks for an operation. */
export interface Actor {
  /** An entity reference, or `service:` with the subject of a service. */
  principal: string;
  /** By which a request that comes again is known. */
  idempotencyKey?: IdempotencyKey;
}

/** Who asks for operations that no person asked for. */
export const PLATFORM: Actor = { principal: 'service:mcp-cloud' };
