import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRepository } from '../../repository.ts';
import { recall } from '../../../../dev-cluster/src/claims.ts';
import { namespacePath, pidFile } from '../../../../dev-cluster/src/cluster.ts';
import { lastJson, runNode } from '../../../../dev-cluster/src/system/exec.ts';
import {
  identify,
  writePidFile,
} from '../../../../dev-cluster/src/system/processes.ts';
import { clustersDir } from '../../../../dev-cluster/src/paths.ts';
import type { World } from './World.ts';

const API_SERVER = 'kube-apiserver';

interface EmbeddedStatus {
  components: Array<{ name: string; pid?: number }>;
}

/** The API server's process, which only the embedded cluster has here. */
export async function apiServerPid({
  cluster,
}: World): Promise<number | undefined> {
  if (cluster.kind !== 'embedded') {
    return undefined;
  }
  const cli = inRepository('packages', 'dev-cluster', 'src', 'cli.ts');
  const { components } = lastJson<EmbeddedStatus>(
    await runNode([cli, 'status', '--name', cluster.name, '--json']),
  );
  return components.find(({ name }) => name === API_SERVER)?.pid;
}

/** Ends the API server at once. Returns how to bring the same one back. */
export function killApiServer({ cluster }: World, pid: number): () => void {
  const parts = (file: string) =>
    readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').filter(Boolean);
  const command = parts('cmdline');
  const env = Object.fromEntries(
    parts('environ').map(line => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  process.kill(pid, 'SIGKILL');
  return () => {
    const own = recall(cluster.name, clustersDir())!;
    const child = spawn(
      'nsenter',
      [`--net=${namespacePath(own)}`, '--', ...command],
      { cwd: own.stateDir, env, detached: true, stdio: 'ignore' },
    );
    child.unref();
    // Those who stop the cluster look for it there.
    writePidFile(pidFile(own, API_SERVER), identify(child.pid!)!);
  };
}
