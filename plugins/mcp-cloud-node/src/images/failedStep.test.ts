import { failedStep } from './failedStep';

describe('failedStep', () => {
  it('reads buildah: the last instruction announced', () => {
    expect(
      failedStep([
        '[1/2] STEP 1/3: FROM a',
        '[1/2] STEP 2/3: RUN npm ci',
        'npm error code E404',
        'error building',
      ]),
    ).toBe('RUN npm ci');
    expect(failedStep(['STEP 1/1: FROM nowhere'])).toBe('FROM nowhere');
  });

  it('reads BuildKit: the instruction named at the end', () => {
    expect(
      failedStep([
        '#5 [builder 2/3] RUN npm ci',
        '#6 [stage-1 2/2] RUN true',
        '------',
        ' > [builder 2/3] RUN npm ci:',
      ]),
    ).toBe('RUN npm ci');
  });

  it('says nothing when the lines tell nothing', () => {
    expect(failedStep([])).toBeUndefined();
    expect(failedStep(['error: no space left'])).toBeUndefined();
  });
});
