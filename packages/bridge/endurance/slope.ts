export interface Sample {
  readonly minute: number;
  readonly value: number;
}

/** By how much the value changes in a minute, as the line that fits best has it. */
export function slope(samples: readonly Sample[]): number {
  const mean = (pick: (sample: Sample) => number) =>
    samples.reduce((sum, one) => sum + pick(one), 0) / samples.length;
  const [x, y] = [mean(one => one.minute), mean(one => one.value)];
  let [above, below] = [0, 0];
  for (const { minute, value } of samples) {
    above += (minute - x) * (value - y);
    below += (minute - x) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
