import { join } from 'node:path';
import { folders } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';

export function renderRegistry(cluster: Cluster): string {
  const config = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folders(cluster).data, 'registry') },
      delete: { enabled: true },
    },
    // Loopback inside and outside: an image has one name for those who push and those who pull.
    http: { addr: `127.0.0.1:${cluster.ports.registry}` },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
