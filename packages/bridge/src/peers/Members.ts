import { lookup } from 'node:dns/promises';
import { PeerError } from './PeerError';
import type { Owner } from './seal';

/** For so long an address that was found needs no further look. */
const TRUST_MS = 60_000;
const LOOKUP_MS = 2000;
/** Name servers keep an answer for up to 30 s, so a replica may have an address that a look does not find yet. */
const TOO_YOUNG_TO_BE_LISTED_MS = 60_000;

/** Addresses behind a name, in lower case; none when the name does not exist. */
export type Lookup = (name: string) => Promise<readonly string[]>;

const byDns: Lookup = async name => {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw error;
  }
};

/** Who the other replicas are. An address that is not among them is never connected to. */
export class Members {
  private readonly fixed: ReadonlySet<string>;
  private known: ReadonlySet<string> = new Set();
  private knownUntil = 0;
  private looking?: Promise<void>;

  constructor(
    private readonly from: {
      readonly service?: string;
      readonly addresses: readonly string[];
    },
    private readonly look: Lookup = byDns,
  ) {
    this.fixed = new Set(from.addresses.map(one => one.toLowerCase()));
  }

  /**
   * Whether this is a replica's address; one that is not known is looked for anew first.
   * Who said under the shared key within the last minute that it lives there is believed.
   * @throws PeerError when nobody can say
   */
  async includes({ podIp: address, sealedAt }: Owner): Promise<boolean> {
    const { service } = this.from;
    if (this.fixed.has(address)) return true;
    if (service === undefined) return false;
    if (Math.abs(Date.now() - sealedAt) < TOO_YOUNG_TO_BE_LISTED_MS)
      return true;
    if (this.known.has(address) && Date.now() < this.knownUntil) return true;
    try {
      this.looking ??= this.refresh(service).finally(() => {
        this.looking = undefined;
      });
      await this.looking;
    } catch (error) {
      // Without an answer what was known before is the best there is.
      if (!this.known.has(address))
        throw new PeerError(
          'unsure',
          `the addresses of ${service} are not known: ${
            (error as Error).message
          }`,
        );
    }
    return this.known.has(address);
  }

  private async refresh(service: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${LOOKUP_MS} ms`)),
        LOOKUP_MS,
      );
    });
    try {
      const found = await Promise.race([this.look(service), late]);
      this.known = new Set(found.map(one => one.toLowerCase()));
      this.knownUntil = Date.now() + TRUST_MS;
    } finally {
      clearTimeout(timer);
    }
  }
}
