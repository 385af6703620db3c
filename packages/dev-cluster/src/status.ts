import { apiClient } from './api.ts';
import { infoOf, pidFile } from './cluster.ts';
import type { Cluster, ClusterInfo } from './cluster.ts';
import { addOnsOf, processesOf } from './addons/addOns.ts';
import { componentNames } from './components.ts';
import { isAlive, memoryOf, readPidFile } from './system/processes.ts';

export interface ComponentStatus {
  name: string;
  pid?: number;
  alive: boolean;
  memoryBytes: number;
}

export interface ClusterStatus extends ClusterInfo {
  /** Every component is alive and the node is ready. */
  running: boolean;
  nodeReady: boolean;
  components: ComponentStatus[];
}

export async function statusOf(cluster: Cluster): Promise<ClusterStatus> {
  const names = [...componentNames, ...processesOf(addOnsOf(cluster))];
  const components = names.map(name => {
    const id = readPidFile(pidFile(cluster, name));
    const alive = id !== undefined && isAlive(id);
    return {
      name,
      pid: id?.pid,
      alive,
      memoryBytes: alive ? memoryOf(id.pid) : 0,
    };
  });
  const nodeReady = await askNode(cluster);
  return {
    ...infoOf(cluster),
    running: nodeReady && components.every(component => component.alive),
    nodeReady,
    components,
  };
}

async function askNode(cluster: Cluster): Promise<boolean> {
  try {
    const node = await apiClient(cluster).get<{
      status: { conditions?: { type: string; status: string }[] };
    }>(`/api/v1/nodes/${cluster.nodeName}`);
    return (node.status.conditions ?? []).some(
      c => c.type === 'Ready' && c.status === 'True',
    );
  } catch {
    return false;
  }
}

export function formatStatus(status: ClusterStatus): string {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1048576)} MiB`;
  const [low, high] = status.nodePortRange;
  const total = status.components.reduce((sum, c) => sum + c.memoryBytes, 0);
  const rows = status.components.map(c =>
    [
      c.name.padEnd(24),
      `${c.pid ?? '-'}`.padStart(8),
      (c.alive ? 'alive' : 'stopped').padStart(8),
      megabytes(c.memoryBytes).padStart(9),
    ].join(' '),
  );
  return [
    `cluster     ${status.name} (${
      status.running ? 'running' : 'not running'
    })`,
    `node        ${status.nodeReady ? 'ready' : 'not ready'}`,
    `API server  ${status.apiServer}`,
    `registry    ${status.registry}`,
    `NodePorts   127.0.0.1:${low}-${high}`,
    `kubeconfig  ${status.kubeconfig} (context ${status.context})`,
    `state       ${status.stateDir}`,
    '',
    ...rows,
    `${'together'.padEnd(24)} ${''.padStart(17)} ${megabytes(total).padStart(
      9,
    )}`,
  ].join('\n');
}
