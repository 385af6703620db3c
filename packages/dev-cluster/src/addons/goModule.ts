import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../system/exec.ts';
import { addOnDir } from '../paths.ts';
import { findGo } from '../toolchain.ts';
import type { AddOnName } from './AddOn.ts';

const environment = () => ({
  ...process.env,
  CGO_ENABLED: '0',
  GOTOOLCHAIN: 'local',
  GOFLAGS: '-mod=readonly',
  GOWORK: 'off',
});

/** Builds a package of an add-on's module, or of one that it requires. */
export async function buildProgram(
  addOn: AddOnName,
  goPackage: string,
  program: string,
): Promise<void> {
  await run(
    'nice',
    [
      await findGo(),
      'build',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags',
      '-s -w',
      '-o',
      program,
      goPackage,
    ],
    { cwd: addOnDir(addOn), env: environment(), seconds: 3000 },
  );
}

/** Copies the files of YAML that a required module carries in a folder. */
export async function copyKinds(
  addOn: AddOnName,
  goModule: string,
  folder: string,
  to: string,
  wanted = /\.yaml$/,
): Promise<void> {
  const dir = await run(
    await findGo(),
    ['list', '-m', '-f', '{{.Dir}}', goModule],
    { cwd: addOnDir(addOn), env: environment(), seconds: 300 },
  );
  const from = join(dir.trim(), folder);
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) {
    if (wanted.test(file) && file !== 'kustomization.yaml') {
      copyFileSync(join(from, file), join(to, file));
    }
  }
}
