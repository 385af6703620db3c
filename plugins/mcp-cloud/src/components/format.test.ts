import {
  formatAgo,
  formatBytes,
  formatCpu,
  formatDuration,
  shortImage,
} from './format';

describe('format', () => {
  it('gives every number its unit', () => {
    expect(formatBytes(88_080_384)).toBe('84 MiB');
    expect(formatBytes(1_610_612_736)).toBe('1.5 GiB');
    expect(formatCpu(12.4)).toBe('12 mCPU');
    expect(formatCpu(1500)).toBe('1.5 CPU');
    expect(formatDuration(5_230)).toBe('5.2 s');
    expect(formatDuration(12 * 60_000)).toBe('12 min');
    expect(formatDuration(-5)).toBe('0.0 s');
  });

  it('says how long ago', () => {
    expect(formatAgo(0, 130_000)).toBe('2 min. ago');
    expect(formatAgo(1_000, 1_000)).toBe('now');
  });

  it('shortens images to what tells them apart', () => {
    expect(shortImage('127.0.0.1:5001/team/name:1.4')).toBe('name:1.4');
    expect(
      shortImage(`registry/team/name@sha256:${'1f2e3d4c'.repeat(8)}`),
    ).toBe('name@1f2e3d4c');
  });
});
