import type { ServerState } from '@mcp-cloud/plugin-mcp-cloud-common';
import { nextState, type KnownState } from './nextState';

/** What the owner hears when a server is seen like this, every 30 s; `+` is one that is being changed. */
function heard(...looks: Array<ServerState | `${ServerState}+`>) {
  let known: KnownState | undefined;
  return looks.map((look, index) => {
    const { next, tell = '' } = nextState(
      known,
      {
        state: look.replace('+', '') as ServerState,
        isBusy: look.endsWith('+'),
      },
      new Date(index * 30_000),
      60_000,
    );
    known = next;
    return tell;
  });
}

describe('what the owner of a server hears', () => {
  it('is told once that it is down for a while, and once that it is back', () => {
    expect(
      heard('Running', 'Failed', 'Degraded', 'Failed', 'Failed', 'Running'),
    ).toEqual(['', '', '', 'down', '', 'back']);
  });

  it('hears nothing of a short trouble, however often it comes', () => {
    expect(
      heard('Failed', 'Failed', 'Running', 'Failed', 'Failed', 'Running'),
    ).toEqual(['', '', '', '', '', '']);
  });

  it('hears nothing while the cluster is away, and of no second incident on its return', () => {
    expect(
      heard('Unknown', 'Unknown', 'Unknown', 'Unknown', 'Running'),
    ).toEqual(['', '', '', '', '']);
    expect(
      heard('Failed', 'Failed', 'Failed', 'Unknown', 'Failed', 'Running'),
    ).toEqual(['', '', 'down', '', '', 'back']);
  });

  it('hears nothing of what is being changed, until that has ended', () => {
    expect(
      heard('Degraded+', 'Failed+', 'Failed+', 'Failed', 'Failed', 'Failed'),
    ).toEqual(['', '', '', '', '', 'down']);
    expect(heard('Failed', 'Failed', 'Failed', 'Deploying', 'Running')).toEqual(
      ['', '', 'down', '', 'back'],
    );
  });

  it('hears nothing more of a server that was stopped on purpose', () => {
    expect(heard('Failed', 'Failed', 'Failed', 'Stopped', 'Running')).toEqual([
      '',
      '',
      'down',
      '',
      '',
    ]);
  });
});

it('a change is told once', () => {
  const look = (known: KnownState | undefined, state: ServerState) =>
    nextState(known, { state, isBusy: false }, new Date(0), 60_000);
  const first = look(undefined, 'Running');
  expect(first.isChange).toBe(true);
  expect(look(first.next, 'Running').isChange).toBe(false);
  expect(look(first.next, 'Unknown').isChange).toBe(true);
});
