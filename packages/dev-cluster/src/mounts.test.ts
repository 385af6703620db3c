import { mountsUnder } from './mounts.ts';

const mountinfo = `22 1 254:0 / / rw - ext4 /dev/vda rw
90 22 0:40 / /s/dev/run/containerd/a rw - overlay overlay rw
91 90 0:41 / /s/dev/run/containerd/a/rootfs rw - overlay overlay rw
92 22 0:42 / /s/dev/data/kubelet/with\\040blank rw - tmpfs tmpfs rw
93 22 0:43 / /s/dev-two/run/x rw - tmpfs tmpfs rw
`;

describe('mountsUnder', () => {
  it('lists one folder’s mounts, innermost first', () => {
    expect(mountsUnder('/s/dev', mountinfo)).toEqual([
      '/s/dev/data/kubelet/with blank',
      '/s/dev/run/containerd/a/rootfs',
      '/s/dev/run/containerd/a',
    ]);
  });
  it('counts the folder itself, and no folder that only begins alike', () => {
    expect(mountsUnder('/s/dev-two/run/x', mountinfo)).toEqual([
      '/s/dev-two/run/x',
    ]);
    expect(mountsUnder('/s/d', mountinfo)).toEqual([]);
  });
});
