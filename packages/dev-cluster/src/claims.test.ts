import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstFree, readClaims, recall } from './claims.ts';

const free = async () => undefined;

describe('firstFree', () => {
  it('takes the lowest index that no other cluster holds', async () => {
    expect((await firstFree('dev', '/s', new Set(), free)).index).toBe(0);
    expect((await firstFree('dev', '/s', new Set([0, 1, 3]), free)).index).toBe(
      2,
    );
  });

  it('passes over ports that something else listens on', async () => {
    const busyBelow2 = async ({ index }: { index: number }) =>
      index < 2 ? 5001 + index : undefined;
    expect((await firstFree('dev', '/s', new Set(), busyBelow2)).index).toBe(2);
  });

  it('says so when there are none left', async () => {
    await expect(
      firstFree('dev', '/s', new Set(), async () => 5001),
    ).rejects.toThrow(/no free ports/);
  });
});

describe('what is kept on disk', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'claims-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('gives a cluster the same index at every start', () => {
    mkdirSync(join(dir, 'dev'));
    writeFileSync(
      join(dir, 'dev', 'cluster.json'),
      '{"name":"dev","index":4,"stateDir":"x"}',
    );
    expect(recall('dev', dir)?.ports.apiServer).toBe(16447);
    expect(recall('other', dir)).toBeUndefined();
  });

  it('reads claims and nothing else', () => {
    writeFileSync(
      join(dir, 'a.json'),
      '{"name":"a","index":0,"stateDir":"/a"}',
    );
    writeFileSync(join(dir, 'a.json.123'), '{"na');
    expect(readClaims(dir)).toEqual([{ name: 'a', index: 0, stateDir: '/a' }]);
  });
});
