import { BlockList, isIP } from 'node:net';

/** Ranges that hold the internet; of IPv6, all that is global unicast. */
export const INTERNET = ['0.0.0.0/0', '2000::/3'];

/** What in them is not of the internet, or leads back to IPv4, whatever a cluster looks like. */
export const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/32',
  '2002::/16',
];

/** The family of a range such as `10.0.0.0/8`, or nothing when it is none. */
export function familyOf(cidr: string): 'ipv4' | 'ipv6' | undefined {
  const [address, prefix, ...more] = cidr.split('/');
  const family = isIP(address);
  const bits = Number(prefix);
  if (!family || more.length || !/^\d+$/.test(prefix ?? '')) {
    return undefined;
  }
  return bits <= (family === 4 ? 32 : 128)
    ? (`ipv${family}` as 'ipv4' | 'ipv6')
    : undefined;
}

/** Whether every address of one range is in the other. */
export function isWithin(cidr: string, other: string): boolean {
  const family = familyOf(cidr);
  const [address, bits] = cidr.split('/');
  return (
    family !== undefined &&
    family === familyOf(other) &&
    Number(bits) >= Number(other.split('/')[1]) &&
    contains(other, address)
  );
}

/** Whether an address is in a range. */
export function contains(cidr: string, address: string): boolean {
  const family = familyOf(cidr);
  if (!family || isIP(address) !== Number(family.slice(3))) {
    return false;
  }
  const [network, bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
