import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
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

const go = async (cwd: string, args: string[], seconds: number) =>
  run('nice', [await findGo(), ...args], { cwd, env: environment(), seconds });

/** Builds a package of the module in a folder, or of one that it requires. */
export async function buildProgram(
  moduleDir: string,
  goPackage: string,
  program: string,
  tags = '',
): Promise<void> {
  await go(
    moduleDir,
    [
      ...['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
      ...['-tags', tags, '-o', program, goPackage],
    ],
    3000,
  );
}

/** The folder of a required module in Go's cache. */
async function folderOf(moduleDir: string, goModule: string): Promise<string> {
  const found = await go(
    moduleDir,
    ['mod', 'download', '-json', goModule],
    600,
  );
  return (JSON.parse(found) as { Dir: string }).Dir;
}

/** Copies the files of YAML that a required module carries in a folder. */
export async function copyKinds(
  addOn: AddOnName,
  goModule: string,
  folder: string,
  to: string,
  wanted = /\.yaml$/,
): Promise<void> {
  const from = join(await folderOf(addOnDir(addOn), goModule), folder);
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) {
    if (wanted.test(file) && file !== 'kustomization.yaml') {
      copyFileSync(join(from, file), join(to, file));
    }
  }
}

/** A change of one file of a module: words that are there once, and what they become. */
export interface Patch {
  file: string;
  from: string;
  to: string;
}

/** Copies an add-on's module to a folder, and in it, below `required`, one that it requires, with a change. Go's own copy cannot be changed. */
export async function copyPatched(
  addOn: AddOnName,
  goModule: string,
  to: string,
  patch: Patch,
): Promise<void> {
  const from = await folderOf(addOnDir(addOn), goModule);
  mkdirSync(to, { recursive: true });
  for (const file of ['go.mod', 'go.sum']) {
    copyFileSync(join(addOnDir(addOn), file), join(to, file));
  }
  const copy = join(to, 'required');
  await run('cp', ['-r', '--no-preserve=mode', from, copy], { seconds: 300 });
  const file = join(copy, patch.file);
  const parts = readFileSync(file, 'utf8').split(patch.from);
  if (parts.length !== 2) {
    throw new Error(`${patch.file} of ${goModule} has not once: ${patch.from}`);
  }
  writeFileSync(file, parts.join(patch.to));
  await go(to, ['mod', 'edit', `-replace=${goModule}=./required`], 60);
}
