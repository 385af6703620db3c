import { join } from 'node:path';
import { containerdSocket, folders } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { cniBinDir, cniConfigDir } from './cni.ts';

/** JSON strings are TOML strings as well. */
const quote = (text: string) => JSON.stringify(text);

/**
 * Every path that containerd would choose for the whole machine is moved into the cluster's own
 * folder, so that two clusters, or a containerd of the system, never meet.
 */
export function renderContainerd(cluster: Cluster, pauseImage: string): string {
  const { data, run } = folders(cluster);
  const cri = '[plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${quote(join(data, 'containerd'))}
state = ${quote(join(run, 'containerd'))}

[grpc]
  address = ${quote(containerdSocket(cluster))}

[plugins."io.containerd.internal.v1.opt"]
  path = ${quote(join(run, 'opt'))}

${cri}]
  sandbox_image = ${quote(pauseImage)}
  # Pods' network namespaces go where they can be told from those of others.
  netns_mounts_under_state_dir = true
  # Without CAP_SYS_RESOURCE, in a nested machine say, lowering a score is forbidden.
  restrict_oom_score_adj = true

${cri}.cni]
  bin_dir = ${quote(cniBinDir(cluster))}
  conf_dir = ${quote(cniConfigDir(cluster))}

${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
  Root = ${quote(join(run, 'runc'))}
`;
}
