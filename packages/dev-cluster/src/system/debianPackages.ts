import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineDir } from '../paths.ts';
import { run } from './exec.ts';
import { withLock } from './lock.ts';
import { say } from './steps.ts';

/** A program that some part needs, with the Debian package it comes in. */
export interface Needed {
  /** Name of a program, or an absolute path. */
  file: string;
  debianPackage: string;
}

const searchPath = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

const isThere = (file: string) =>
  file.startsWith('/')
    ? existsSync(file)
    : searchPath.some(dir => existsSync(`${dir}/${file}`));

export function missingPackages(
  needed: readonly Needed[],
  has = isThere,
): string[] {
  return [
    ...new Set(
      needed.filter(({ file }) => !has(file)).map(one => one.debianPackage),
    ),
  ];
}

/** Installs what is missing where that is possible; else says what to install. Returns what was installed. */
export async function ensurePackages(
  needed: readonly Needed[],
): Promise<string[]> {
  const missing = missingPackages(needed);
  if (missing.length === 0) {
    return [];
  }
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(
      `These programs are missing, by their Debian packages: ${missing.join(
        ', ',
      )}. ` +
        `Install them (on Debian, as root: apt-get install --no-install-recommends ${missing.join(
          ' ',
        )}) and try again.`,
    );
  }
  // apt-get does not wait for another apt-get.
  await withLock(join(machineDir, 'debian-packages.lock'), 1800, () =>
    install(missing),
  );
  const still = missingPackages(needed);
  if (still.length > 0) {
    throw new Error(
      `still missing after the installation: ${still.join(', ')}`,
    );
  }
  return missing;
}

async function install(packages: string[]): Promise<void> {
  say(`    installing Debian packages: ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const attempt = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
      env,
      seconds: 900,
    });
  await withoutServices(async () => {
    try {
      await attempt();
    } catch {
      // Most often the lists are empty, or too old to find the files they name.
      await run('apt-get', ['update'], { env, seconds: 300 });
      await attempt();
    }
  });
}

/** Debian starts a service when it installs it, on the ports everyone knows. We start our own, on ports of ours. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  }
  try {
    await work();
  } finally {
    if (ours) {
      rmSync(policy, { force: true });
    }
  }
}
