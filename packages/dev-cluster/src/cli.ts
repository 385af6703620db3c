#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArguments, usage } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { ensureBinaries } from './build.ts';
import { describe, down, loadImage, reset, status, up } from './index.ts';
import type { ClusterInfo } from './index.ts';
import { formatStatus } from './status.ts';
import { endCommands } from './system/exec.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

async function main({
  command,
  json,
  help,
  rest,
  addOns,
  ...which
}: Arguments): Promise<number> {
  if (help || !command) {
    print(usage);
    return help ? 0 : 2;
  }
  if (command !== 'kubectl') {
    endCommandsOnInterrupt();
  }
  switch (command) {
    case 'up': {
      const info = await up({ ...which, addOns });
      print(json ? JSON.stringify(info) : summary(info));
      return 0;
    }
    case 'down':
      await down(which);
      return 0;
    case 'reset':
      await reset(which);
      return 0;
    case 'status': {
      const found = await status(which);
      print(json ? JSON.stringify(found) : formatStatus(found));
      return found.running ? 0 : 3;
    }
    case 'kubeconfig':
      print(describe(which).kubeconfig);
      return 0;
    case 'load-image':
      if (rest.length !== 1) throw new Error('load-image needs one file');
      print((await loadImage(rest[0], which)).trim());
      return 0;
    case 'kubectl':
      return kubectl(describe(which), rest);
    default:
      throw new Error(`unknown command ${command}`);
  }
}

function summary({
  kubeconfig,
  context,
  apiServer,
  registry,
  nodePortRange,
}: ClusterInfo): string {
  return [
    `API server  ${apiServer}`,
    `registry    ${registry}`,
    `NodePorts   127.0.0.1:${nodePortRange.join('-')}`,
    `kubeconfig  ${kubeconfig} (context ${context})`,
  ].join('\n');
}

/** Hands the terminal over to the cluster's own kubectl; returns its exit code. */
async function kubectl(
  { kubeconfig }: ClusterInfo,
  args: string[],
): Promise<number> {
  const child = spawn(join(await ensureBinaries(), 'kubectl'), args, {
    stdio: 'inherit',
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  // An interrupt at the terminal reaches both; kubectl decides what it means.
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 1 : code ?? 1));
  });
}

/** Commands run in process groups of their own, which an interrupt at the terminal does not reach. */
function endCommandsOnInterrupt(): void {
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(name, () => {
      endCommands();
      process.exit(code);
    });
  }
}

async function start(): Promise<void> {
  try {
    process.exitCode = await main(parseArguments(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`dev-cluster: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

start();
