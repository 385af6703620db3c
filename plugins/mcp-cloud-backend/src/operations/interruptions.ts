import type { OperationFailure } from '@mcp-cloud/plugin-mcp-cloud-common';

/** Somebody cancelled what was under way, or a later operation has taken its place. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor(readonly details: OperationFailure) {
    super(details.message);
  }
}

/** This backend is shutting down; another one goes on. */
export class ShutdownError extends Error {
  override readonly name = 'ShutdownError';
}
