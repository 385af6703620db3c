import { deservesRepeat, withRepeat } from './repeat';

const totals = (failed: number, ...failures: string[]) => ({
  passed: 9 - failed,
  failed,
  skipped: 0,
  failures,
});

describe('a repeat', () => {
  it('is for a few failures, not for none and not for many', () => {
    expect([0, 1, 5, 6].map(failed => deservesRepeat(totals(failed)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('counts, and names what failed before', async () => {
    const run = jest.fn();
    run.mockResolvedValueOnce(totals(1, 'a'));
    run.mockResolvedValueOnce(totals(0));
    expect(await withRepeat('part', run)).toEqual({
      ...totals(0),
      unsteady: ['a'],
    });
  });

  it('that fails too is a failure', async () => {
    const run = jest.fn(async () => totals(2, 'a', 'b'));
    expect(await withRepeat('part', run)).toEqual(totals(2, 'a', 'b'));
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('is not made where all passed', async () => {
    const run = jest.fn(async () => totals(0));
    expect(await withRepeat('part', run)).toEqual(totals(0));
    expect(run).toHaveBeenCalledTimes(1);
  });
});
