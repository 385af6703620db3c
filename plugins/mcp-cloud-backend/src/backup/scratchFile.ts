import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lends the path of a file to what is too much for memory. Its folder is closed to other users, and goes in the end. */
export async function scratchFile<T>(
  work: (path: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-cloud-'));
  try {
    return await work(join(directory, 'scratch'));
  } finally {
    await rm(directory, { recursive: true });
  }
}
