import { z, ZodTypeAny } from 'zod/v3';
import { duration, size } from './kinds';
import { settingsSchema } from './schema';

/** One option, as the schema says it. */
export interface Option {
  /** Its place in the YAML file, e.g. `limits.maxBody`; `[]` stands for each element of a list. */
  readonly path: readonly string[];
  /** e.g. `duration`, `text` or `full | bridge-only`. */
  readonly kind: string;
  readonly list: boolean;
  /** As it is written; absent when there is none. */
  readonly initial?: string;
  readonly required: boolean;
  readonly help: string;
  /** On the command line, without `--`; what holds trees stands in the file only. */
  readonly flag?: string;
}

interface Unwrapped {
  readonly inner: ZodTypeAny;
  readonly initial?: unknown;
  readonly required: boolean;
  readonly help: string;
}

const KINDS = new Map<ZodTypeAny, string>([
  [duration, 'duration'],
  [size, 'size'],
]);

/** Takes off what says how a value may be absent or is refined. */
function unwrap(schema: ZodTypeAny): Unwrapped {
  let inner = schema;
  let initial: unknown;
  let required = true;
  let help = schema.description;
  while (!KINDS.has(inner)) {
    if (inner instanceof z.ZodDefault) {
      initial ??= inner._def.defaultValue();
      required = false;
      inner = inner.removeDefault();
    } else if (inner instanceof z.ZodOptional) {
      required = false;
      inner = inner.unwrap();
    } else if (inner instanceof z.ZodEffects) inner = inner.innerType();
    else break;
    help ??= inner.description;
  }
  return { inner, initial, required, help: help ?? '' };
}

function kindOf(schema: ZodTypeAny): string {
  const named = KINDS.get(schema);
  if (named !== undefined) return named;
  if (schema instanceof z.ZodEnum)
    return (schema.options as string[]).join(' | ');
  if (schema instanceof z.ZodLiteral) return String(schema.value);
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodRecord) return 'mapping';
  return 'text';
}

function isTreeSchema(schema: ZodTypeAny): schema is z.AnyZodObject {
  return schema instanceof z.ZodObject;
}

/** `limits` says nothing that the name of a limit does not, and the mode of a section is the section. */
function flagOf(path: readonly string[]): string {
  const words = path[0] === 'limits' ? path.slice(1) : path;
  const named = words.at(-1) === 'mode' ? words.slice(0, -1) : words;
  return named
    .join('-')
    .replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

function optionsOf(
  tree: z.AnyZodObject,
  at: readonly string[],
  byFlag: boolean,
): Option[] {
  return Object.entries<ZodTypeAny>(tree.shape).flatMap(([key, schema]) => {
    const path = [...at, key];
    const { inner, initial, required, help } = unwrap(schema);
    if (isTreeSchema(inner)) return optionsOf(inner, path, byFlag);
    const list = inner instanceof z.ZodArray;
    const element = list ? unwrap(inner.element).inner : inner;
    if (list && isTreeSchema(element)) {
      const elements = [...at, `${key}[]`];
      return [
        { path, kind: 'mapping', list, required: false, help },
        ...optionsOf(element, elements, false),
      ];
    }
    const hasFlag =
      byFlag && key !== 'command' && !(element instanceof z.ZodRecord);
    const shown =
      typeof initial === 'object' || initial === undefined
        ? undefined
        : String(initial);
    return [
      {
        path,
        kind: kindOf(element),
        list,
        initial: shown,
        required,
        help,
        flag: hasFlag ? flagOf(path) : undefined,
      },
    ];
  });
}

/** Every option of the bridge. */
export const OPTIONS: readonly Option[] = optionsOf(settingsSchema, [], true);

/** The name of an option's environment variable. */
export function variableOf(flag: string): string {
  return `MCP_BRIDGE_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** The keys in a tree of settings that the schema does not know, as dotted paths. */
export function unknownKeysIn(
  settings: unknown,
  schema: ZodTypeAny = settingsSchema,
  at = '',
): string[] {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodArray) {
    const items: unknown[] = Array.isArray(settings) ? settings : [];
    return items.flatMap((item, index) =>
      unknownKeysIn(item, inner.element, `${at}${index}.`),
    );
  }
  if (!isTreeSchema(inner)) return [];
  if (typeof settings !== 'object' || settings === null) return [];
  const known: Record<string, ZodTypeAny> = inner.shape;
  return Object.entries(settings).flatMap(([key, value]) =>
    Object.hasOwn(known, key)
      ? unknownKeysIn(value, known[key], `${at}${key}.`)
      : [`${at}${key}`],
  );
}
