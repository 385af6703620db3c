import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { contains, INTERNET, NOT_PUBLIC } from '../manifests/addressRanges';
import { RegistryError } from './RegistryError';

/** Whether an address is one of the internet, and none of a private network, of this machine or of a cloud's metadata. */
export function isPublicAddress(address: string): boolean {
  return (
    INTERNET.some(range => contains(range, address)) &&
    !NOT_PUBLIC.some(range => contains(range, address))
  );
}

/** Finds only public addresses of a name, at the moment of connecting: what was asked before may have changed. */
export const lookUpPublic: LookupFunction = (host, options, done) =>
  void lookup(host, { ...options, all: true }, (error, found) => {
    const addresses: LookupAddress[] = (found ?? []).filter(({ address }) =>
      isPublicAddress(address),
    );
    if (error || !addresses.length) {
      done(error ?? privateAddress(), []);
    } else if (options.all) {
      done(null, addresses);
    } else {
      done(null, addresses[0].address, addresses[0].family);
    }
  });

/** Why an address is not asked. */
export function privateAddress(): RegistryError {
  return new RegistryError(
    'was not asked, as its address is private, which its entry does not allow (privateAddresses)',
  );
}
