import { Option, OPTIONS, variableOf } from './options';

/** What stands on the command line, by its name there. */
const FLAGS: ReadonlyMap<string, Option> = new Map(
  OPTIONS.flatMap(option =>
    option.flag === undefined ? [] : [[option.flag, option]],
  ),
);

/** A mistake of whoever starts the bridge; its message is all that is shown. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A tree of settings before validation. */
export interface Settings {
  [key: string]: unknown;
}

function put(
  settings: Settings,
  path: readonly string[],
  value: unknown,
): void {
  let at = settings;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    at = (
      typeof next === 'object' && next !== null ? next : (at[key] = {})
    ) as Settings;
  }
  at[path[path.length - 1]] = value;
}

function valueOf(flag: Option, text: string): unknown {
  if (!flag.list) return text;
  return text
    .split(',')
    .map(item => item.trim())
    .filter(Boolean);
}

export type ParsedArguments =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'run';
      readonly settings: Settings;
      readonly configPath?: string;
      readonly command: readonly string[];
    };

/**
 * Reads flags up to `--` or the first word that is no flag; the rest is the command.
 * @throws UsageError for an unknown flag or one without a value
 */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const settings: Settings = {};
  let configPath: string | undefined;
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at];
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-')) break;
    if (word === '--help' || word === '-h') return { kind: 'help' };
    if (word === '--version') return { kind: 'version' };
    const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = FLAGS.get(name);
    if (!flag && name !== 'config')
      throw new UsageError(`unknown option "${word}"; see mcp-bridge --help`);
    const value = inline ?? argv[++at];
    if (value === undefined)
      throw new UsageError(`the option "${word}" needs a value`);
    if (flag) put(settings, flag.path, valueOf(flag, value));
    else configPath = value;
  }
  return { kind: 'run', settings, configPath, command: argv.slice(at) };
}

/** The settings that stand in `MCP_BRIDGE_…` variables. */
export function parseEnvironment(env: NodeJS.ProcessEnv): {
  settings: Settings;
  configPath?: string;
} {
  const settings: Settings = {};
  for (const [name, flag] of FLAGS) {
    const value = env[variableOf(name)];
    if (value !== undefined && value !== '')
      put(settings, flag.path, valueOf(flag, value));
  }
  return { settings, configPath: env.MCP_BRIDGE_CONFIG || undefined };
}

const COLUMN = 26;
const TEXT_WIDTH = 76;

/** Words in lines of a width. */
function wrap(text: string): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < TEXT_WIDTH)
      return [...lines.slice(0, -1), `${last} ${word}`];
    return [...lines, word];
  }, []);
}

function helpOf(name: string, text: string): string {
  const lines = wrap(text).join(`\n${' '.repeat(COLUMN + 2)}`);
  const title = `  --${name}`;
  return title.length < COLUMN + 2
    ? `${title.padEnd(COLUMN + 2)}${lines}`
    : `${title}\n${' '.repeat(COLUMN + 2)}${lines}`;
}

function meaningOf({ kind, list, initial, help }: Option): string {
  const choice = kind.includes('|') ? `${kind}: ` : '';
  return `${choice}${help}${list ? ', by comma' : ''}${
    initial === undefined ? '' : ` (${initial})`
  }`;
}

export function helpText(): string {
  return [
    'mcp-bridge [options] -- COMMAND ARGS…',
    'mcp-bridge [options] --upstream URL [-- COMMAND ARGS…]',
    'Serves an MCP server that speaks stdio, or HTTP itself, over Streamable HTTP at /mcp.',
    '',
    ...[...FLAGS].map(([name, option]) => helpOf(name, meaningOf(option))),
    helpOf(
      'config',
      'YAML file with the same settings, and more; watched, applied without a restart',
    ),
    '',
    'Each option also reads MCP_BRIDGE_<NAME>, e.g. MCP_BRIDGE_SESSION_IDLE=30m. Flags win over variables, variables over the file.',
    '',
  ].join('\n');
}
