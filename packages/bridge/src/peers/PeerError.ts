/**
 * Why a peer does not answer: `gone` when it is certain that the session's
 * process is no longer there, `unsure` when it may well be.
 */
export class PeerError extends Error {
  constructor(readonly kind: 'gone' | 'unsure', message: string) {
    super(message);
    this.name = 'PeerError';
  }
}

/** Failures of this machine, which say nothing about the peer. */
const OWN_FAULTS = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EADDRNOTAVAIL',
]);

export function peerErrorOf(error: Error): PeerError {
  if (error instanceof PeerError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  return new PeerError(OWN_FAULTS.has(code) ? 'unsure' : 'gone', error.message);
}
