import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { BACKEND, OIDC } from './portal/services.ts';
import { stateDir } from './portal/stateDir.ts';

/** Shows what a program of the portal wrote, with `follow` also what it writes from now on. */
export async function logs(
  name: string,
  service: string,
  follow: boolean,
): Promise<number> {
  if (![BACKEND, OIDC].includes(service)) {
    throw new Error(
      `There are the logs "${BACKEND}" and "${OIDC}", not "${service}".`,
    );
  }
  const file = stateDir(name).log(service);
  if (!existsSync(file)) {
    throw new Error(`There is no ${file} yet. Start the portal with ./dev up.`);
  }
  const tail = spawn('tail', ['-n', '500', ...(follow ? ['-F'] : []), file], {
    stdio: 'inherit',
  });
  process.on('SIGINT', () => {}); // it reaches `tail` too, and ends it
  return new Promise((resolve, reject) => {
    tail.on('error', reject);
    tail.on('exit', code => resolve(code ?? 0));
  });
}
