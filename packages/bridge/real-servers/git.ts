import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './scratch.ts';

/** In the form that every git library reads. */
const DATE = '1767323045 +0000';

/** Makes commits have the same hash in every run. */
export const gitEnvironment = {
  GIT_AUTHOR_NAME: 'Alice',
  GIT_AUTHOR_EMAIL: 'alice@example.com',
  GIT_AUTHOR_DATE: DATE,
  GIT_COMMITTER_NAME: 'Alice',
  GIT_COMMITTER_EMAIL: 'alice@example.com',
  GIT_COMMITTER_DATE: DATE,
  GIT_CONFIG_NOSYSTEM: '1',
};

/** Makes the scratch folder a repository with one commit, and a change that is not committed. */
export function prepareRepository(): void {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: scratch,
      env: { ...process.env, ...gitEnvironment },
      stdio: 'pipe',
    });
  const poem = join(scratch, 'poem.txt');
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(poem, 'roses are red\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'A first line');
  writeFileSync(poem, 'roses are red\nviolets are blue\n');
}
