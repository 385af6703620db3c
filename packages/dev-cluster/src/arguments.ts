import { addOnNames } from './addons/AddOn.ts';
import type { AddOnName } from './addons/AddOn.ts';

export const commands = [
  'up',
  'down',
  'status',
  'reset',
  'kubeconfig',
  'load-image',
  'kubectl',
] as const;
export type Command = (typeof commands)[number];

export interface Arguments {
  command?: Command;
  name?: string;
  stateDir?: string;
  addOns: AddOnName[];
  json: boolean;
  help: boolean;
  /** What follows the command: an image file, or everything that kubectl is to get. */
  rest: string[];
}

export const usage = `Usage: dev-cluster <command> [--name NAME] [--state-dir DIR] [--json] [--with ADD-ON,…]

  up           start the cluster, or do nothing if it runs; --with adds ${addOnNames.join(
    ', ',
  )}
  down         stop it; its state stays for the next start
  reset        stop it and delete its state
  status       show its processes, node and ports
  kubeconfig   print the path of its kubeconfig
  load-image FILE
               bring an image archive onto its node
  kubectl ARGS…
               run its own kubectl; options for dev-cluster come before ARGS

The name is "dev" unless told otherwise. State lives in ~/.local/state/mcp-cloud/clusters/NAME;
--state-dir or MCP_CLOUD_STATE moves it.`;

export function parseArguments(argv: string[]): Arguments {
  const result: Arguments = {
    addOns: [],
    json: false,
    help: false,
    rest: [],
  };
  const words = [...argv];
  while (words.length > 0) {
    const word = words.shift() as string;
    const [option, inline] = splitOption(word);
    if (option === '--name' || option === '--state-dir') {
      const value = inline ?? words.shift();
      if (!value) throw new Error(`${option} needs a value`);
      result[option === '--name' ? 'name' : 'stateDir'] = value;
    } else if (option === '--with') {
      result.addOns = parseAddOns(inline ?? words.shift());
    } else if (word === '--json') {
      result.json = true;
    } else if (
      (word === '--help' || word === '-h') &&
      result.command !== 'kubectl'
    ) {
      result.help = true;
    } else if (!result.command && isCommand(word)) {
      result.command = word;
    } else if (
      !result.command ||
      (word.startsWith('-') && result.command !== 'kubectl')
    ) {
      throw new Error(`what is "${word}"?\n\n${usage}`);
    } else {
      result.rest.push(word);
      if (result.command === 'kubectl') {
        // From its first own word on, everything is kubectl's, even what looks like ours.
        result.rest.push(...words.splice(0));
      }
    }
  }
  return result;
}

function parseAddOns(value: string | undefined): AddOnName[] {
  return (value ?? '').split(',').map(word => {
    const name = addOnNames.find(one => one === word);
    if (!name) {
      throw new Error(
        `there is no add-on "${word}", only ${addOnNames.join(', ')}`,
      );
    }
    return name;
  });
}

function splitOption(word: string): [string, string | undefined] {
  const match = /^(--(?:name|state-dir|with))=(.*)$/.exec(word);
  return match ? [match[1], match[2]] : [word, undefined];
}

function isCommand(word: string): word is Command {
  return (commands as readonly string[]).includes(word);
}
