import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Needed } from './system/debianPackages.ts';
import { tryRun } from './system/exec.ts';

/** Where Debian's CNI plugins are. */
export const CNI_BIN_DIR = '/usr/lib/cni';

/** What the cluster runs that is not its own, with the Debian package it comes in. */
export const clusterPrograms: readonly Needed[] = [
  { file: 'containerd', debianPackage: 'containerd' },
  { file: 'ctr', debianPackage: 'containerd' },
  { file: 'runc', debianPackage: 'runc' },
  {
    file: join(CNI_BIN_DIR, 'bridge'),
    debianPackage: 'containernetworking-plugins',
  },
  { file: 'docker-registry', debianPackage: 'docker-registry' },
  { file: 'iptables', debianPackage: 'iptables' },
  { file: 'conntrack', debianPackage: 'conntrack' },
  { file: 'ip', debianPackage: 'iproute2' },
  { file: 'nsenter', debianPackage: 'util-linux' },
  { file: 'mount', debianPackage: 'mount' },
  { file: 'openssl', debianPackage: 'openssl' },
];

/** Without this module, packets between two pods of a bridge go past the rules for Services. */
export async function loadBridgeFilter(): Promise<boolean> {
  const settings = '/proc/sys/net/bridge';
  if (!existsSync(settings)) {
    await tryRun('modprobe', ['br_netfilter']);
  }
  return existsSync(settings);
}
