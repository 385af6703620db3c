import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packBinary, sha256 } from './images.ts';

describe('packBinary', () => {
  it('makes an archive whose parts fit each other', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'image-'));
    writeFileSync(join(dir, 'pause'), 'binary', { mode: 0o755 });
    const { archive, layer, config } = await packBinary(
      join(dir, 'out'),
      join(dir, 'pause'),
      'x/pause:1',
    );
    const tar = (...args: string[]) =>
      execFileSync('tar', args, { encoding: 'utf8' });
    const [manifest] = JSON.parse(tar('-xOf', archive, 'manifest.json'));
    expect(manifest).toEqual({
      Config: 'config.json',
      RepoTags: ['x/pause:1'],
      Layers: ['layer.tar'],
    });
    const description = JSON.parse(readFileSync(config, 'utf8'));
    expect(description.rootfs.diff_ids).toEqual([`sha256:${sha256(layer)}`]);
    expect(description.config.Entrypoint).toEqual(['/pause']);
    expect(tar('-tvf', layer)).toMatch(/^-rwxr-xr-x 0\/0 .* pause\n$/);
    rmSync(dir, { recursive: true });
  });
});
