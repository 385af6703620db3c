import { whyUnsupported } from './platform.ts';

describe('whyUnsupported', () => {
  it('has nothing to say about root on Linux x64', () => {
    expect(whyUnsupported('linux', 'x64', 0)).toBeUndefined();
  });
  it.each([
    [
      'darwin',
      'arm64',
      501,
      /Linux x64 only; this is darwin arm64.*kind.*--kubeconfig/,
    ],
    ['linux', 'arm64', 0, /Linux x64 only; this is linux arm64/],
    ['linux', 'x64', 1000, /needs root.*sudo/],
  ])(
    'names the reason and the way out on %s %s as %s',
    (platform, arch, uid, words) => {
      expect(whyUnsupported(platform, arch, uid)).toMatch(words);
    },
  );
});
