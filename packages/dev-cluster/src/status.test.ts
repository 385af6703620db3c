import { describeCluster, infoOf } from './cluster.ts';
import { formatStatus } from './status.ts';

describe('formatStatus', () => {
  it('shows each component and what they take together', () => {
    const text = formatStatus({
      ...infoOf(describeCluster('dev', 0, '/state')),
      running: false,
      nodeReady: false,
      components: [
        { name: 'etcd', pid: 12, alive: true, memoryBytes: 20 << 20 },
        { name: 'kubelet', alive: false, memoryBytes: 0 },
      ],
    });
    expect(text).toContain('dev (not running)');
    expect(text).toMatch(/etcd +12 +alive +20 MiB/);
    expect(text).toMatch(/kubelet +- +stopped +0 MiB/);
    expect(text).toMatch(/together +20 MiB/);
  });
});
