import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(tmpdir(), `mcp-real-servers-${process.pid}`);

/**
 * Where every server runs, one after the other. The path stays the same, so that results may hold it;
 * `MCP_REAL_SERVERS_SCRATCH` names the one in a container.
 */
export const scratch =
  process.env.MCP_REAL_SERVERS_SCRATCH ?? join(root, 'work');
/** The home of every server: none reads or writes the real one. */
export const home = join(root, 'home');

/** Their temporary files. */
export const temporary = join(root, 'tmp');

/** Empties all three. */
export function freshScratch(): void {
  for (const folder of [scratch, home, temporary]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
}

export const removeScratch = () =>
  rmSync(root, { recursive: true, force: true });
