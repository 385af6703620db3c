import { isAtLeast, parseGoVersion, wantedGo } from './toolchain.ts';

describe('the version of Go', () => {
  it.each([
    ['1.26.4', '1.26.4', true],
    ['1.26.8', '1.26.4', true],
    ['1.27', '1.26.4', true],
    ['1.26', '1.26.4', false],
    ['1.9.9', '1.26.4', false],
    ['2.0', '1.26.4', true],
  ])('%s for %s: %s', (version, wanted, expected) => {
    expect(isAtLeast(version, wanted)).toBe(expected);
  });
  it('is read from go.mod and from Go itself', () => {
    expect(wantedGo('module x\n\ngo 1.26.4\n')).toBe('1.26.4');
    expect(() => wantedGo('module x\n')).toThrow(/go\.mod/);
    expect(parseGoVersion('go1.26.8\n')).toBe('1.26.8');
    expect(parseGoVersion('go1.27rc1')).toBe('1.27');
    expect(parseGoVersion(undefined)).toBeUndefined();
  });
});
