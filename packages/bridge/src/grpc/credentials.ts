import { ServerCredentials } from '@grpc/grpc-js';
import type { Certificates } from '../http/Certificates';

/** The certificate of the port for clients, as it stands in its files. */
export class TlsCredentials extends ServerCredentials {
  /** @throws UsageError when the certificate cannot be used */
  constructor(certificates: Certificates) {
    const options = certificates.options();
    super(options, options);
    certificates.watch(renewed => this.updateSecureContextOptions(renewed));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
