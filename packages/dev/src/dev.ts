// What `./dev` runs. Up to the installation of the packages nothing here may need one.
import { parseArguments, usage } from './arguments.ts';
import { down, reset } from './down.ts';
import { interruptible } from './interrupt.ts';
import { logs } from './logs.ts';
import { BACKEND } from './portal/services.ts';
import { stateDir } from './portal/stateDir.ts';
import { status } from './status.ts';
import { withLock } from '../../dev-cluster/src/system/lock.ts';
import { putNodeFirst } from './system/nodeFirst.ts';
import { Undo } from './undo.ts';
import { up, welcome } from './up.ts';

async function main(argv: string[]): Promise<number> {
  const args = parseArguments(argv);
  const locked = <T>(work: () => Promise<T>) =>
    withLock(stateDir(args.name).lock, 5, work);
  if (args.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  switch (args.command) {
    case 'up': {
      const undo = new Undo();
      const takeBack = () => undo.run();
      const { url } = await locked(() =>
        interruptible(() => up({ ...args, example: true }, undo), takeBack),
      );
      if (args.watch) {
        await takeBack();
      } else {
        process.stdout.write(`${welcome(url)}\n`);
      }
      return 0;
    }
    case 'down':
      await locked(() => down(args.name));
      return 0;
    case 'reset':
      await locked(() => reset(args.name));
      return 0;
    case 'logs':
      return logs(args.name, args.service ?? BACKEND, args.follow);
    default: {
      const { text, up: isUp } = status(args.name);
      process.stdout.write(`${text}\n`);
      return isUp ? 0 : 3;
    }
  }
}

putNodeFirst();
main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`\n./dev: ${(error as Error).message}\n`);
    process.exitCode = 1;
  },
);
