import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfSources } from './sources';

describe('hashOfSources', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mcp-cloud-sources-'));
    mkdirSync(join(dir, 'pkg', 'src'), { recursive: true });
    writeFileSync(join(dir, 'pkg', 'src', 'a.ts'), 'one');
    writeFileSync(join(dir, 'lock'), 'lock');
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const hash = () => hashOfSources(dir, ['pkg', 'lock']);

  it('changes with a content and with a name', () => {
    const first = hash();
    expect(hash()).toBe(first);
    writeFileSync(join(dir, 'pkg', 'src', 'a.ts'), 'two');
    const second = hash();
    expect(second).not.toBe(first);
    renameSync(
      join(dir, 'pkg', 'src', 'a.ts'),
      join(dir, 'pkg', 'src', 'b.ts'),
    );
    expect(hash()).not.toBe(second);
  });

  it('does not change with tests and with what is built', () => {
    const first = hash();
    writeFileSync(join(dir, 'pkg', 'src', 'a.test.ts'), 'test');
    mkdirSync(join(dir, 'pkg', 'dist'));
    writeFileSync(join(dir, 'pkg', 'dist', 'x.js'), 'built');
    expect(hash()).toBe(first);
  });
});
