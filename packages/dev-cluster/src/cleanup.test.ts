import { isCniResultOf } from './cleanup.ts';

describe('isCniResultOf', () => {
  const note = JSON.stringify({
    kind: 'cniCacheV1',
    result: {
      interfaces: [
        { name: 'lo', sandbox: '/s/dev/run/containerd/netns/cni-1' },
      ],
    },
  });
  it('knows the notes about pods of its own cluster', () => {
    expect(isCniResultOf(note, '/s/dev')).toBe(true);
  });
  it('leaves those of a cluster whose folder only begins alike, and of others', () => {
    expect(isCniResultOf(note, '/s/de')).toBe(false);
    expect(isCniResultOf('{}', '/s/dev')).toBe(false);
  });
});
