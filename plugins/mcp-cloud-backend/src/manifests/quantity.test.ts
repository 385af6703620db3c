import { toBytes, toMillicores } from './quantity';

describe('quantities', () => {
  it('become whole numbers, so that sums of them are exact', () => {
    expect(
      ['50m', '0.07', '1.1', '2', '0.0005', '1e-1'].map(toMillicores),
    ).toEqual([50, 70, 1100, 2000, 1, 100]);
    expect(['512Mi', '1.5Gi', '300M', '0.1Ki', '100m'].map(toBytes)).toEqual([
      536870912, 1610612736, 300000000, 103, 1,
    ]);
    expect([toMillicores('much'), toBytes('')]).toEqual([NaN, NaN]);
  });
});
