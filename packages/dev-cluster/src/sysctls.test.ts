import { toChange } from './sysctls.ts';

describe('toChange', () => {
  it('is what differs, with the value to put back', () => {
    const current: Record<string, string> = { a: '0', b: '1' };
    expect(
      toChange({ a: '1', b: '1', missing: '1' }, key => current[key]),
    ).toEqual({ a: '0' });
  });
});
