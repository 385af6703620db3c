import { Ledger, type OperationRow } from './Ledger';

const operation = (id: string) => ({
  id,
  serverId: 's',
  serverName: 'a',
  kind: 'scale',
  state: 'queued' as const,
  steps: [],
  createdAt: '',
});
const row = (id: string, more: Partial<OperationRow> = {}): OperationRow => ({
  id,
  server_id: 's',
  server_name: 'a',
  seq: 1,
  kind: 'scale',
  state: 'succeeded',
  principal: 'user:default/ann',
  target: '{}',
  error: null,
  ...more,
});

describe('Ledger', () => {
  const ledger = new Ledger();
  ledger.acknowledge(operation('1'));
  ledger.acknowledge(operation('2'));

  it('finds what was promised and is not there', () => {
    expect(ledger.lost([row('2')])).toEqual(['scale of a (1)']);
    expect(ledger.lost([row('1'), row('2')])).toEqual([]);
  });

  it('finds what people asked for once and what was accepted twice', () => {
    const rows = [row('1'), row('2'), row('3')];
    expect(ledger.twice(rows)).toEqual(['scale of a (3)']);
    const mended = row('3', { principal: 'plugin:mcp-cloud', kind: 'rotate' });
    expect(ledger.twice([row('1'), row('2'), mended])).toEqual([]);
  });

  it('does not take one answer for two requests', () => {
    expect(() => ledger.acknowledge(operation('1'))).toThrow('Two requests');
  });

  it('tells what failed from what a later one replaced', () => {
    const superseded = row('1', {
      state: 'cancelled',
      error: '{"reason":"Superseded"}',
    });
    const failed = row('2', { state: 'failed', error: '{"reason":"Timeout"}' });
    expect(Ledger.unwell([superseded, failed])).toEqual([
      'scale of a (2) is failed: {"reason":"Timeout"}',
    ]);
  });
});
