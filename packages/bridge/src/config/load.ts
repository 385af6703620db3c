import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ZodIssue } from 'zod/v3';
import { unknownKeysIn } from './options';
import { BridgeConfig, configSchema } from './schema';
import {
  parseArguments,
  parseEnvironment,
  Settings,
  UsageError,
} from './flags';

/** Everything that settings come from; the file's part is read again when it changes. */
export interface Sources {
  readonly configPath?: string;
  /** Reads all sources anew. @throws UsageError with a text for people */
  load(): LoadedConfig;
}

export interface LoadedConfig {
  readonly config: BridgeConfig;
  /** SHA-256 (hex) of the file's bytes, or of the effective settings when there is no file. */
  readonly hash: string;
  /** Keys in the file that mean nothing to this version. */
  readonly unknownKeys: readonly string[];
}

function isTree(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Later sources win; lists are replaced, not joined. */
function merge(...sources: readonly Settings[]): Settings {
  const out: Settings = {};
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) {
      const before = out[key];
      if (value === null || value === undefined) continue;
      out[key] = isTree(value)
        ? merge(isTree(before) ? before : {}, value)
        : value;
    }
  }
  return out;
}

function readFile(path: string): { settings: Settings; bytes: Buffer } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `the configuration file ${path} cannot be read: ${
        (error as Error).message
      }`,
    );
  }
  let tree: unknown;
  try {
    tree = parse(bytes.toString('utf8')) ?? {};
  } catch (error) {
    throw new UsageError(
      `the configuration file ${path} is not valid YAML: ${
        // Its other lines show the file, which may hold what nobody should read.
        (error as Error).message.split('\n', 1)[0]
      }`,
    );
  }
  if (!isTree(tree))
    throw new UsageError(`the configuration file ${path} must hold a mapping`);
  return { settings: tree, bytes };
}

function describe(issue: ZodIssue): string {
  const where = issue.path.join('.');
  return where ? `${where}: ${issue.message}` : issue.message;
}

/** Validates settings that stand in no file, e.g. in tests. @throws UsageError */
export function configFrom(settings: Settings): BridgeConfig {
  const result = configSchema.safeParse(settings);
  if (!result.success)
    throw new UsageError(result.error.issues.map(describe).join('; '));
  return result.data;
}

/** Collects flags, environment and file. @throws UsageError for bad flags */
export function sourcesFrom(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Sources | 'help' | 'version' {
  const flags = parseArguments(argv);
  if (flags.kind !== 'run') return flags.kind;
  const variables = parseEnvironment(env);
  const configPath = flags.configPath ?? variables.configPath;
  return {
    configPath,
    load() {
      const file = configPath === undefined ? undefined : readFile(configPath);
      const command =
        flags.command.length > 0 ? { command: [...flags.command] } : {};
      const config = configFrom(
        merge(
          file?.settings ?? {},
          variables.settings,
          flags.settings,
          command,
        ),
      );
      const hash = createHash('sha256').update(
        file?.bytes ?? JSON.stringify(config),
      );
      return {
        config,
        hash: hash.digest('hex'),
        // Reported, not refused: a newer portal may write settings for newer bridges.
        unknownKeys: unknownKeysIn(file?.settings ?? {}),
      };
    },
  };
}
