import { join } from 'node:path';
import { folders } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';

export const cniConfigDir = (cluster: Cluster) =>
  join(folders(cluster).etc, 'cni');
export const cniConfigFile = (cluster: Cluster) =>
  join(cniConfigDir(cluster), '10-mcp-cloud.conflist');
/** Where containerd looks for the plugins: the cluster's own folder, for add-ons to have theirs in. */
export const cniBinDir = (cluster: Cluster) =>
  join(folders(cluster).run, 'cni');
/** Debian's plugins that are used; containerd itself wants `loopback`. */
export const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'];

/** The pods' network: a bridge, addresses from the cluster's subnet, and host ports. */
export function renderCni(cluster: Cluster, mtu: number): string {
  const list = {
    cniVersion: '0.4.0',
    name: cluster.id,
    plugins: [
      {
        type: 'bridge',
        bridge: cluster.bridge,
        isGateway: true,
        ipMasq: true,
        // Lets a pod reach itself through its own Service.
        hairpinMode: true,
        mtu,
        ipam: {
          type: 'host-local',
          ranges: [
            [{ subnet: cluster.podSubnet, gateway: cluster.nodeAddress }],
          ],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(folders(cluster).run, 'ipam'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}
