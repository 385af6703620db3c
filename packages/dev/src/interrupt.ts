import { endCommands } from '../../dev-cluster/src/system/exec.ts';
import { say } from '../../dev-cluster/src/system/steps.ts';

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let interrupted = false;

/** To be called before something new is started: throws when there was an interrupt and everything is being stopped. */
export function goOn(): void {
  if (interrupted) {
    throw new Error('interrupted');
  }
}

/**
 * Runs work that may be interrupted. On an interrupt its commands are ended, `cleanUp` runs to its end, and this
 * process ends with the code that shells know. A second interrupt does not cut the cleaning up short.
 */
export async function interruptible<T>(
  work: () => Promise<T>,
  cleanUp: () => Promise<unknown>,
): Promise<T> {
  const handlers = Object.entries(signals).map(([name, code]) => {
    const handler = async () => {
      if (interrupted) {
        return;
      }
      interrupted = true;
      say(`\nInterrupted (${name}): stopping what was started`);
      endCommands();
      await cleanUp();
      process.exit(code);
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  // While an interrupt is being dealt with, neither result nor failure of the work counts: its commands were ended.
  const never = new Promise<never>(() => {});
  try {
    const result = await work();
    return interrupted ? never : result;
  } catch (error) {
    if (interrupted) {
      return never;
    }
    throw error;
  } finally {
    if (!interrupted) {
      handlers.forEach(off => off());
    }
  }
}
