import { readdirSync, readFileSync } from 'node:fs';
import { describeCluster } from '../cluster.ts';
import type { ClusterInfo } from '../index.ts';
import { run } from '../system/exec.ts';
import { dirname } from 'node:path';

/** Everything on the machine that still bears the mark of a cluster, looked up without its help. */
export async function leftovers(info: ClusterInfo): Promise<string[]> {
  const index = (info.nodePortRange[0] - 30000) / 100;
  const { id, link } = describeCluster(
    info.name,
    index,
    dirname(info.stateDir),
  );
  const lines = async (command: string, ...args: string[]) =>
    (await run(command, args)).split('\n').map(line => `${command}: ${line}`);
  const found = [
    ...(await lines('ip', '-brief', 'link')),
    ...(await lines('ip', 'netns')),
    ...(await lines('ip', 'route')),
    ...(await lines('iptables-save')),
    ...(await lines('find', '/sys/fs/cgroup', '-maxdepth', '3', '-type', 'd')),
    ...(await lines(
      'find',
      '/run/netns',
      '/run/mcp-cloud',
      '/run/containerd',
    ).catch(() => lines('find', '/run/netns', '/run/mcp-cloud'))),
    ...(await lines(
      'find',
      '/var/log',
      '/var/lib',
      '-maxdepth',
      '3',
      '-name',
      `*${id}*`,
    )),
    ...(await lines('grep', '-rs', info.stateDir, '/var/lib/cni').catch(
      () => [],
    )),
    ...readFileSync('/proc/self/mountinfo', 'utf8').split('\n'),
    ...commandLines(),
  ];
  const marks = [info.stateDir, link.host, link.subnet.replace('.0/30', '.')];
  const words = `${id}|mcp-cloud-${info.name}`;
  const asWord = new RegExp(`(^|[^-\\w])(${words})([^-\\w]|$)`);
  return found.filter(
    line => asWord.test(line) || marks.some(mark => line.includes(mark)),
  );
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap(pid => {
      try {
        return [
          `process ${pid}: ${readFileSync(
            `/proc/${pid}/cmdline`,
            'utf8',
          ).replaceAll('\0', ' ')}`,
        ];
      } catch {
        return [];
      }
    });
}
