import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writeWhole } from './system/files.ts';
import { machineDir } from './paths.ts';
import { say } from './system/steps.ts';

/**
 * Settings of the whole machine that a cluster changes: routing by us, the rest by the kubelet,
 * which insists on them. All others are set inside the cluster's network namespace.
 */
const ours: Record<string, string> = { 'net/ipv4/ip_forward': '1' };
const kubelets: Record<string, string> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};
const wanted = { ...ours, ...kubelets };

const recordFile = join(machineDir, 'sysctls.json');
const fileOf = (key: string) => join('/proc/sys', key);
const read = (key: string) => readFileSync(fileOf(key), 'utf8').trim();

/** The settings that differ from what a cluster wants, with their present values. */
export function toChange(
  want: Record<string, string>,
  current: (key: string) => string | undefined,
): Record<string, string> {
  const entries = Object.keys(want).flatMap(key => {
    const value = current(key);
    return value === undefined || value === want[key] ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

/** Sets what we must, after writing down what was there. Says what is changed, and by whom. */
export function changeSysctls(): void {
  const before = toChange(wanted, key =>
    existsSync(fileOf(key)) ? read(key) : undefined,
  );
  const recorded = JSON.parse(readIfThere(recordFile) ?? '{}') as Record<
    string,
    string
  >;
  // What an earlier cluster noted is older, and so the truth about the time before all clusters.
  writeWhole(recordFile, `${JSON.stringify({ ...before, ...recorded })}\n`);
  for (const [key, value] of Object.entries(before)) {
    const name = key.replaceAll('/', '.');
    say(
      `    sysctl ${name}: ${value} → ${wanted[key]}, put back when the last cluster stops`,
    );
    if (key in ours) {
      writeFileSync(fileOf(key), wanted[key]);
    }
  }
}

/** Puts back what still has the value a cluster gave it. */
export function restoreSysctls(): void {
  const recorded = JSON.parse(readIfThere(recordFile) ?? '{}') as Record<
    string,
    string
  >;
  for (const [key, value] of Object.entries(recorded)) {
    if (read(key) === wanted[key]) {
      writeFileSync(fileOf(key), value);
    }
  }
  rmSync(recordFile, { force: true });
}
