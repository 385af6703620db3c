import { readIfThere } from './system/files.ts';

export interface Resolvers {
  /** Name servers that can be asked from the cluster's network namespace. */
  upstream: string[];
  /** Loopback addresses where this machine expects a name server. */
  local: string[];
}

export function parseResolvConf(content: string): string[] {
  return [...content.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(
    match => match[1],
  );
}

const isLoopback = (address: string) => address.startsWith('127.');

/**
 * Loopback is the cluster's own in its namespace, so a resolver there (systemd-resolved, dnsmasq)
 * is out of reach; systemd-resolved keeps a second file that names the servers it asks itself.
 */
export function findResolvers(
  main = readIfThere('/etc/resolv.conf') ?? '',
  behind = readIfThere('/run/systemd/resolve/resolv.conf') ?? '',
): Resolvers {
  const servers = parseResolvConf(main);
  const reachable = servers.filter(address => !isLoopback(address));
  return {
    upstream:
      reachable.length > 0
        ? reachable
        : parseResolvConf(behind).filter(address => !isLoopback(address)),
    local: servers.filter(isLoopback),
  };
}
