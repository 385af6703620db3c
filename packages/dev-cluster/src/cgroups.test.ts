import { limiting, parseHierarchies } from './cgroups.ts';

const v1 = `tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0
`;
const hybrid = `${v1}cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n`;
const v2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n';

const points = (mounts: string) =>
  limiting(parseHierarchies(mounts)).map(h => h.mountPoint);

describe('cgroup hierarchies', () => {
  it('are all of version 1 where that is used, also beside version 2', () => {
    const expected = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/cpu,cpuacct'];
    expect(points(v1)).toEqual(expected);
    expect(points(hybrid)).toEqual(expected);
  });
  it('are the one of version 2 where it is alone', () => {
    expect(points(v2)).toEqual(['/sys/fs/cgroup']);
    expect(points('')).toEqual([]);
  });
  it('are all cleaned, the one that limits nothing too', () => {
    expect(parseHierarchies(hybrid)).toHaveLength(3);
  });
});
