import { FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

const POLL_MS = 2000;

/**
 * Calls `onChange` when the bytes of a file have changed. Kubernetes swaps a
 * symbolic link beside the file, so the folder is watched; a slow poll catches
 * what a watch misses (network mounts, no inotify left).
 * @returns a function that ends it
 */
export function watchFile(path: string, onChange: () => void): () => void {
  const read = () => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined; // between two links; the next look will find it
    }
  };
  let last = read();
  const look = () => {
    const now = read();
    if (now === undefined || now === last) return;
    last = now;
    onChange();
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, look);
    watcher.on('error', () => watcher?.close());
  } catch {
    watcher = undefined;
  }
  const timer = setInterval(look, POLL_MS);
  timer.unref();
  return () => {
    watcher?.close();
    clearInterval(timer);
  };
}
