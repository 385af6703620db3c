import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../__testUtils__/bridge';
import { waitFor } from '../__testUtils__/wait';
import { readSecretFile } from './secretFile';
import { SharedKeys } from './SharedKeys';

const dir = mkdtempSync(join(tmpdir(), 'bridge-secret-'));
function file(text: string): string {
  const path = join(dir, randomBytes(4).toString('hex'));
  writeFileSync(path, text);
  return path;
}

describe('the secret file', () => {
  const [one, two] = [randomBytes(32), randomBytes(48)];

  it('has a secret on each line, in either alphabet of base64', () => {
    const text = `${one.toString('base64')}\n\n ${two.toString('base64url')} `;
    expect(readSecretFile(file(text))).toEqual([one, two]);
  });

  it.each([
    ['', '1 to 4 secrets'],
    [`${'a'.repeat(42)}!`, 'at least 32 random bytes'],
    [randomBytes(31).toString('base64'), 'at least 32 random bytes'],
    [`${randomBytes(32).toString('base64')}\n`.repeat(5), '1 to 4 secrets'],
  ])('is refused without being shown: %j', (text, words) => {
    const read = () => readSecretFile(file(text));
    expect(read).toThrow(words);
    expect(read).not.toThrow(text.trim() || 'nothing to be shown');
  });

  it('that is not there is said in words', () => {
    expect(() => readSecretFile(join(dir, 'none'))).toThrow('cannot be read');
  });

  it('is taken over when it changes, unless it is wrong', async () => {
    const path = file(one.toString('base64'));
    const keys = new SharedKeys(path, silent);
    keys.watch();
    const before = keys.now;
    writeFileSync(path, 'wrong');
    writeFileSync(path, `${two.toString('base64')}\n${one.toString('base64')}`);
    await waitFor(() => keys.now !== before);
    expect(keys.now.current.id).not.toEqual(before.current.id);
    expect(keys.now.find(before.current.id.toString('hex'))).toBeDefined();
    keys.close();
  });
});
