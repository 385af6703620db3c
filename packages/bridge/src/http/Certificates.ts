import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { UsageError } from '../config/flags';
import type { BridgeConfig } from '../config/schema';
import { watchFile } from '../config/watch';
import type { Logger } from '../observability/logger';

export type TlsFiles = NonNullable<BridgeConfig['tls']>;

/** The certificate, key and client CA of the ports for clients, read from files that are watched. */
export class Certificates {
  private stops: (() => void)[] = [];
  private readonly users: ((options: TlsOptions) => void)[] = [];

  constructor(
    private readonly files: TlsFiles,
    private readonly logger: Logger,
  ) {}

  /** @throws UsageError when a file cannot be read, or key and certificate do not fit */
  options(): TlsOptions {
    const { cert, key, clientCa } = this.files;
    try {
      const context = {
        cert: readFileSync(cert),
        key: readFileSync(key),
        ...(clientCa === undefined ? {} : { ca: readFileSync(clientCa) }),
      };
      createSecureContext(context);
      return {
        ...context,
        minVersion: 'TLSv1.3',
        requestCert: clientCa !== undefined,
        rejectUnauthorized: clientCa !== undefined,
      };
    } catch (error) {
      throw new UsageError(
        `the certificate cannot be used (tls.cert, tls.key, tls.clientCa): ${
          (error as Error).message
        }`,
      );
    }
  }

  /** New connections get what stands in the files now; those that are open stay. */
  watch(use: (options: TlsOptions) => void): void {
    this.users.push(use);
    if (this.stops.length > 0) return;
    const renew = () => {
      try {
        const options = this.options();
        for (const useIt of this.users) useIt(options);
        this.logger.info('new certificate in use');
      } catch (error) {
        // Half of a pair may be there already; the other half is a change, too.
        const problem = (error as Error).message;
        this.logger.warn({ problem }, 'the old certificate stays in use');
      }
    };
    this.stops = Object.values(this.files).map(path => watchFile(path, renew));
  }

  close(): void {
    for (const stop of this.stops) stop();
  }
}
