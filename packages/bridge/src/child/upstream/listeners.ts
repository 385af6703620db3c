import { readFile } from 'node:fs/promises';

const LISTEN = '0A';
const LOOPBACK_4 = /7F$/;
const LOOPBACK_6 = /^(0{24}01000000|0{16}FFFF0000.{6}7F)$/;

/**
 * Addresses at which a port takes connections from other machines, as this network namespace has it: a pod's
 * containers share one. Nothing where the system does not say.
 */
export async function openAddresses(port: number): Promise<string[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map(name =>
      readFile(`/proc/net/${name}`, 'latin1').catch(() => ''),
    ),
  );
  return tables.flatMap(table => openIn(table, port));
}

/** The same for one of the tables of `/proc/net`. */
export function openIn(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address, at] = local.split(':');
      const isLocal = (address.length === 8 ? LOOPBACK_4 : LOOPBACK_6).test(
        address,
      );
      return state === LISTEN && at === wanted && !isLocal
        ? [readable(address)]
        : [];
    });
}

/** Words of four bytes, each with its last byte first, as an address. */
function readable(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word =>
    (word.match(/../g) ?? []).reverse(),
  );
  if (bytes.length === 4)
    return bytes.map(byte => parseInt(byte, 16)).join('.');
  const groups = bytes.join('').toLowerCase().match(/.{4}/g) ?? [];
  const text = groups.map(group => group.replace(/^0{1,3}/, '')).join(':');
  return `[${text === '0:0:0:0:0:0:0:0' ? '::' : text}]`;
}
