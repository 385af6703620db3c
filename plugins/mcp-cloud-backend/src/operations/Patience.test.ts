import { Patience } from './Patience';

it('does things at once three times, then ever more slowly, and anew after a long quiet', () => {
  const patience = new Patience({
    atOnce: 3,
    firstPauseMs: 10_000,
    longestPauseMs: 600_000,
  });
  let now = 0;
  /** Seconds until each of so many repairs was made. */
  const repairs = (times: number) =>
    Array.from({ length: times }, () => {
      const before = now;
      for (let wait = patience.waitFor('x', now); wait; ) {
        now += wait;
        wait = patience.waitFor('x', now);
      }
      return (now - before) / 1000;
    });
  expect(repairs(7)).toEqual([0, 0, 0, 10, 20, 40, 80]);
  expect(patience.waitFor('y', now)).toBe(0);
  expect(repairs(6).at(-1)).toBe(600);
  now += 3600_000;
  expect(repairs(3)).toEqual([0, 0, 0]);
});
