import { delimiter, dirname } from 'node:path';

/** Commands that we run, and what they run in turn, shall find the Node that runs us, and no older one. */
export function putNodeFirst(env: NodeJS.ProcessEnv = process.env): void {
  env.PATH = [dirname(process.execPath), env.PATH]
    .filter(Boolean)
    .join(delimiter);
}
