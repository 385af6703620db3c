import type {
  ServerDrift,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { withDrift } from './withDrift';

const running: ServerStatus = {
  state: 'Running',
  reason: 'AllPodsReady',
  message: 'Its pod is ready.',
  pods: { desired: 1, ready: 1, total: 1 },
  version: 1,
};
const drift: ServerDrift = {
  state: 'drifted',
  objects: [
    { kind: 'Service', name: 'mcp-a', drift: 'missing', fields: [] },
    {
      kind: 'Deployment',
      name: 'mcp-a',
      drift: 'changed',
      fields: [
        { path: 'x', found: 1, by: { manager: 'kubectl-edit' } },
        { path: 'y', wanted: 1 },
      ],
    },
  ],
  checkedAt: '2026-11-21T12:00:00.000Z',
  repairsItself: false,
};

it('says what somebody changed of a server that runs, and who', () => {
  expect(withDrift(running, drift)).toMatchObject({
    state: 'Running',
    reason: 'Drifted',
    message:
      'Its pod is ready. But Service mcp-a is missing, Deployment mcp-a was changed by kubectl-edit.',
    hint: expect.stringContaining('repair it'),
  });
  expect(withDrift(running, { ...drift, repairsItself: true }).hint).toBe(
    'It is put right by itself.',
  );
});

it('asks for secret values that are not there any more, as a repair cannot bring them back', () => {
  const lost = { kind: 'Secret', name: 'mcp-a--env-3', fields: [] };
  for (const repairsItself of [true, false]) {
    expect(
      withDrift(running, {
        ...drift,
        repairsItself,
        objects: [{ ...lost, drift: 'missing' }],
      }),
    ).toMatchObject({
      message: 'Its pod is ready. But Secret mcp-a--env-3 is missing.',
      hint: expect.stringContaining('Give the secret values again'),
    });
  }
});

it('says nothing of it where something is wrong, under way or not known', () => {
  const failed: ServerStatus = { ...running, state: 'Failed', reason: 'X' };
  expect(withDrift(failed, drift)).toBe(failed);
  expect(withDrift(running, undefined)).toBe(running);
  expect(withDrift(running, { ...drift, state: 'changing' })).toBe(running);
});
