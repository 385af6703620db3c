import {
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir, type Builder } from './builders.ts';
import { hashOf } from './hash.ts';
import { run, step } from './steps.ts';

/** The images that others are built from. */
export interface BaseImages {
  /** What servers run on. */
  readonly runtime: string;
  /** The same with npm, for builder stages. */
  readonly builder: string;
  /** Changes when the base does. */
  readonly identity: string;
}

const SUITE = 'bookworm';
/** Raise it when the recipe below changes. */
const RECIPE = '1';
/** Nothing that runs reads these. */
const DROPPED = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
];

async function makeRootfs(tar: string): Promise<void> {
  const dir = `${tar}.dir`;
  rmSync(dir, { recursive: true, force: true });
  await run('debootstrap', [
    '--variant=minbase',
    '--include=ca-certificates,tini',
    SUITE,
    dir,
  ]);
  for (const path of DROPPED)
    rmSync(join(dir, path), { recursive: true, force: true });
  // Device nodes are the container runtime's, and cannot be unpacked everywhere.
  for (const path of ['dev', 'proc', 'sys', 'tmp', 'run'])
    rmSync(join(dir, path), { recursive: true, force: true });
  for (const path of ['dev', 'proc', 'sys', 'run', 'app'])
    mkdirSync(join(dir, path));
  mkdirSync(join(dir, 'tmp'));
  await run('chmod', ['1777', join(dir, 'tmp')]);
  await run('tar', [
    '--numeric-owner',
    '--one-file-system',
    '-C',
    dir,
    '-cf',
    `${tar}.part`,
    '.',
  ]);
  await run('mv', [`${tar}.part`, tar]);
  rmSync(dir, { recursive: true, force: true });
}

/** The folder of the npm that is on the PATH. */
async function npmFolder(): Promise<string> {
  const cli = realpathSync(await run('sh', ['-c', 'command -v npm']));
  return dirname(dirname(cli));
}

async function debootstrapBase(
  builder: Builder,
  here: string,
): Promise<BaseImages> {
  const identity = hashOf(
    [RECIPE, SUITE, process.version, process.arch],
    here,
    ['Containerfile.base', 'Containerfile.builder'],
  );
  const runtime = `localhost/mcp-cloud/base:${identity.slice(0, 12)}`;
  const withNpm = `localhost/mcp-cloud/builder:${identity.slice(0, 12)}`;
  const context = join(cacheDir, 'base', identity.slice(0, 12));
  mkdirSync(context, { recursive: true });
  if (!(await builder.has(runtime))) {
    const rootfs = join(
      cacheDir,
      `rootfs-${SUITE}-${process.arch}-${RECIPE}.tar`,
    );
    if (!existsSync(rootfs))
      await step('root file system by debootstrap', () => makeRootfs(rootfs));
    await step('base image', async () => {
      await run('ln', ['-f', rootfs, join(context, 'rootfs.tar')]);
      copyFileSync(process.execPath, join(context, 'node'));
      await builder.build({
        containerfile: join(here, 'Containerfile.base'),
        context,
        tag: runtime,
      });
    });
  }
  if (!(await builder.has(withNpm))) {
    await step('builder image with npm', async () => {
      await run('rm', ['-rf', join(context, 'npm')]);
      await run('cp', ['-rL', await npmFolder(), join(context, 'npm')]);
      writeFileSync(join(context, '.dockerignore'), 'rootfs.tar\nnode\n');
      const containerfile = join(here, 'Containerfile.builder');
      await builder.build({
        containerfile,
        context,
        tag: withNpm,
        args: { BASE: runtime },
      });
    });
  }
  rmSync(context, { recursive: true, force: true });
  return { runtime, builder: withNpm, identity };
}

/** @param choice `debootstrap`, or the name of an image with Node and npm */
export async function prepareBase(
  builder: Builder,
  choice: string,
  here: string,
): Promise<BaseImages> {
  if (choice === 'debootstrap') return debootstrapBase(builder, here);
  return { runtime: choice, builder: choice, identity: choice };
}
