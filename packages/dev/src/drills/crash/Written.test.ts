import type { OperationRow } from './Ledger';
import { firstOutOfOrder, Written } from './Written';

describe('firstOutOfOrder', () => {
  it.each([
    ['all of it', 'ABC', 'ABC'],
    ['some left out', 'AC', 'ABC'],
    ['nothing', '', 'ABC'],
    ['the same wanted twice in a row', 'AB', 'AAB'],
    ['back and forth, as wanted', 'ABA', 'ABA'],
  ])('takes %s', (_what, seen, wanted) => {
    expect(firstOutOfOrder([...seen], [...wanted])).toBeUndefined();
  });

  it.each([
    ['one that comes once more', 'ABA', 'AB', 2],
    ['one that comes late', 'BA', 'AB', 1],
    ['one that nobody wanted', 'AX', 'AB', 1],
  ])('finds %s', (_what, seen, wanted, index) => {
    expect(firstOutOfOrder([...seen], [...wanted])).toBe(index);
  });
});

describe('Written', () => {
  const deployment = (revision: number, replicas: number, fence: number) => ({
    metadata: {
      name: 'mcp-a',
      uid: 'u',
      resourceVersion: '1',
      labels: { 'mcp-cloud.io/server': 'a' },
      annotations: {
        'mcp-cloud.io/fence': String(fence),
        'mcp-cloud.io/revision': String(revision),
      },
    },
    spec: { replicas },
  });
  const row = (seq: number, target: object): OperationRow => ({
    id: `o${seq}`,
    server_id: 'a',
    server_name: 'a',
    seq,
    kind: 'deploy',
    state: 'succeeded',
    principal: 'user:default/ann',
    target: JSON.stringify(target),
    error: null,
  });
  const rows = [
    row(2, { revision: 2, replicas: 2, runState: 'stopped' }),
    row(1, { revision: 1, replicas: 2, runState: 'running' }),
  ];

  it('knows the order of operations, and that a stopped server has no pods', () => {
    const written = new Written();
    written.note(deployment(1, 2, 1));
    written.note(deployment(1, 2, 1));
    written.note(deployment(2, 0, 2));
    expect(written.changes).toBe(2);
    expect(written.outOfOrder(rows)).toEqual([]);
    expect(written.overtaken).toEqual([]);
  });

  it('finds an older state that comes back, and an older runner', () => {
    const written = new Written();
    written.note(deployment(1, 2, 1));
    written.note(deployment(2, 0, 2));
    written.note(deployment(1, 2, 1));
    expect(written.outOfOrder(rows)).toEqual([
      'server a: revision 1, 2 pods, restarted never was written out of turn',
    ]);
    expect(written.overtaken).toEqual(['mcp-a: run 1 wrote after 2']);
  });
});
