import type { ServerStatus } from '@mcp-cloud/plugin-mcp-cloud-common';
import { withSilence } from './withSilence';

const status = (rest: Partial<ServerStatus> = {}): ServerStatus => ({
  state: 'Running',
  reason: 'AllPodsReady',
  message: 'All 2 pods are ready.',
  pods: { desired: 2, ready: 2, total: 2 },
  version: 1,
  ...rest,
});
const since = '2026-11-30T12:34:56.000Z';

describe('the status of a server that does not answer', () => {
  it('is as it was while nobody has found that out', () => {
    expect(withSilence(status(), undefined)).toEqual(status());
  });

  it('says so although its pods are ready', () => {
    expect(withSilence(status(), { since, pods: 2 })).toMatchObject({
      state: 'Failed',
      reason: 'NotAnswering',
      message:
        'The server runs, but does not answer MCP clients since 12:34:56 UTC.',
      hint: expect.stringContaining('replaced by themselves'),
    });
    expect(withSilence(status(), { since, pods: 1 })).toMatchObject({
      state: 'Degraded',
      message: expect.stringContaining('1 pod of 2'),
    });
  });

  it('says when it is done again, also beside a cause that is known', () => {
    const failed = status({
      state: 'Failed',
      reason: 'ServerNotReady',
      hint: 'Look at its last lines.',
    });
    const retryAt = '2026-11-30T12:40:00.000Z';
    const shown = withSilence(failed, { since, pods: 1, retryAt });
    expect(shown).toMatchObject({ state: 'Failed', reason: 'ServerNotReady' });
    expect(shown.hint).toMatch(/^Look at its last lines\. .*12:40:00 UTC/);
  });

  it('leaves alone what says more', () => {
    for (const state of ['Unknown', 'Deploying', 'Stopped'] as const) {
      const other = status({ state });
      expect(withSilence(other, { since, pods: 1 })).toEqual(other);
    }
  });
});
