import { join } from 'node:path';
import type { Portal } from '../up.ts';
import type { Undo } from '../undo.ts';

/** What the suites share. Parts that take long are made when a suite first asks for them. */
export interface Context {
  /** Takes back what was started, at the end in any case. */
  undo: Undo;
  /** Folder for reports, which is deleted at the end. */
  scratch: string;
  /** Portal and cluster for tests, started once. */
  portal(): Promise<Portal>;
}

export const reportFile = (context: Context, name: string) =>
  join(context.scratch, `${name}.json`);
