import { DEFAULT_NAME } from './portal/stateDir.ts';
import { DEFAULT_PORT } from './portal/settings.ts';

export const commands = ['up', 'down', 'status', 'logs', 'reset'] as const;
export type Command = (typeof commands)[number];

export interface Arguments {
  command: Command;
  help: boolean;
  name: string;
  /** Missing when none was given: a portal keeps the port it had. */
  port?: number;
  kubeconfig?: string;
  context?: string;
  registry?: string;
  watch: boolean;
  follow: boolean;
  /** Which log. */
  service?: string;
}

export const usage = `Usage: ./dev [up|down|status|logs|reset] [options]

  up        bring up the portal, with a cluster to run servers on (also without any command)
  down      stop everything that up started
  status    what runs, and where
  logs [backend|oidc] [--follow]
            what the programs wrote
  reset     down, and forget everything: database, sign-ins, the cluster that was made

  --kubeconfig FILE     use the cluster of this file, and not one of our own
  --context NAME        the context of that file; without it the file's current one
  --registry HOST/PATH  where images are pushed to, for a cluster that was given
  --port N              address of the portal; the sign-in takes the next one (${DEFAULT_PORT})
  --name NAME           several portals side by side have names (${DEFAULT_NAME})
  --watch               serve from the sources and reload on change, until Ctrl-C

State lives in ~/.local/state/mcp-cloud; MCP_CLOUD_STATE moves it.`;

const valued = ['--name', '--port', '--kubeconfig', '--context', '--registry'];
const isCommand = (word: string): word is Command =>
  (commands as readonly string[]).includes(word);

export function parseArguments(argv: readonly string[]): Arguments {
  const words = [...argv];
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  const plain: string[] = [];
  while (words.length > 0) {
    const [word, inline] = split(words.shift() as string);
    if (valued.includes(word)) {
      const value = inline ?? words.shift();
      if (!value) {
        throw new Error(`${word} needs a value.`);
      }
      values[word] = value;
    } else if (['--watch', '--follow', '-f', '--help', '-h'].includes(word)) {
      flags.add(word);
    } else if (word.startsWith('-')) {
      throw new Error(`There is no option ${word}.\n\n${usage}`);
    } else {
      plain.push(word);
    }
  }
  const [command = 'up', service, ...tooMany] = plain;
  if (!isCommand(command)) {
    throw new Error(`There is no command "${command}".\n\n${usage}`);
  }
  if (tooMany.length > 0 || (service && command !== 'logs')) {
    throw new Error(`What is "${tooMany[0] ?? service}"?\n\n${usage}`);
  }
  return {
    command,
    help: flags.has('--help') || flags.has('-h'),
    name: checkName(values['--name'] ?? DEFAULT_NAME),
    port:
      values['--port'] === undefined ? undefined : checkPort(values['--port']),
    kubeconfig: values['--kubeconfig'],
    context: values['--context'],
    registry: values['--registry'],
    watch: flags.has('--watch'),
    follow: flags.has('--follow') || flags.has('-f'),
    service,
  };
}

function split(word: string): [string, string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0
    ? [word, undefined]
    : [word.slice(0, equals), word.slice(equals + 1)];
}

/** A name becomes part of file and cluster names. */
function checkName(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw new Error(
      `"${name}" is no name: up to 20 lower-case letters, digits and hyphens, a letter first.`,
    );
  }
  return name;
}

function checkPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65_000) {
    throw new Error(`"${text}" is no port: a number from 1024 to 65000.`);
  }
  return port;
}
