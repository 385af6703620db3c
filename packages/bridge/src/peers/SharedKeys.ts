import { randomBytes } from 'node:crypto';
import { watchFile } from '../config/watch';
import type { Logger } from '../observability/logger';
import { KeyRing } from './KeyRing';
import { readSecretFile } from './secretFile';

/** The key ring as it is now: of a file that is watched, or of a secret that nobody else knows. */
export class SharedKeys {
  /** Whether other replicas can have the same keys. */
  readonly shared: boolean;
  private ring: KeyRing;
  private unwatch: () => void = () => {};

  /** @throws UsageError when the file does not hold secrets */
  constructor(
    private readonly path: string | undefined,
    private readonly logger: Logger,
  ) {
    this.shared = path !== undefined;
    this.ring = new KeyRing(
      path === undefined ? [randomBytes(32)] : readSecretFile(path),
    );
  }

  get now(): KeyRing {
    return this.ring;
  }

  watch(): void {
    const { path } = this;
    if (path === undefined) return;
    this.unwatch = watchFile(path, () => {
      try {
        this.ring = new KeyRing(readSecretFile(path));
        this.logger.info(
          { key: this.ring.current.id.toString('hex') },
          'the shared secret has changed',
        );
      } catch (error) {
        this.logger.error(
          { problem: (error as Error).message },
          'the changed secret was not taken over',
        );
      }
    });
  }

  close(): void {
    this.unwatch();
  }
}
