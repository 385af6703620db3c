import type { IncomingHttpHeaders } from 'node:http';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import { decodeSentinel, encodeSentinel } from './sentinel';

/** An argument of a tool that clients send as a header `Mcp-Param-<name>` too. */
export interface HeaderArgument {
  /** In lower case. */
  readonly header: string;
  /** Where it is in `arguments`. */
  readonly path: readonly string[];
  readonly numeric: boolean;
}

const KEY = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
/** `number` is not allowed, yet what it declares can be checked. */
const TYPES = new Set(['string', 'integer', 'boolean', 'number']);
const MAX_DEPTH = 32;

/** What the input schema of a tool declares; what breaks the rules declares nothing. */
export function headerArguments(schema: JsonObject): HeaderArgument[] {
  const found: HeaderArgument[] = [];
  const visit = (node: JsonObject, path: readonly string[]) => {
    const name = own(node, KEY);
    const type = String(own(node, 'type'));
    if (typeof name === 'string' && TOKEN.test(name) && TYPES.has(type)) {
      const header = `mcp-param-${name.toLowerCase()}`;
      const numeric = type === 'integer' || type === 'number';
      found.push({ header, path, numeric });
    }
    if (path.length >= MAX_DEPTH) return;
    const properties = Object.entries(ownObject(node, 'properties') ?? {});
    for (const [key, child] of properties)
      if (isObject(child)) visit(child, [...path, key]);
  };
  visit(schema, []);
  const names = found.map(({ header }) => header);
  return new Set(names).size === names.length ? found : [];
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let at = root;
  for (const key of path) at = isObject(at) ? own(at, key) : undefined;
  return at;
}

/** Numbers that cannot be written exactly are not sent as headers. */
function isSent(value: unknown): value is string | boolean | number {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || !Number.isInteger(value);
  return typeof value === 'string' || typeof value === 'boolean';
}

function matches(text: string, value: unknown, numeric: boolean): boolean {
  if (numeric && typeof value === 'number' && DECIMAL.test(text))
    return Number(text) === value;
  return text === String(value);
}

/** What disagrees between the headers and the arguments of a call, in words; nothing when all is well. */
export function headerFault(
  declared: readonly HeaderArgument[],
  args: unknown,
  headers: IncomingHttpHeaders,
): string | undefined {
  for (const { header, path, numeric } of declared) {
    const value = valueAt(args, path);
    if (!isSent(value)) continue;
    const sent = headers[header];
    const where = `the argument ${path.join('.')}`;
    if (typeof sent !== 'string') return `${where} has no header ${header}`;
    const text = decodeSentinel(sent);
    if (text === undefined) return `the header ${header} is not valid base64`;
    if (!matches(text, value, numeric))
      return `the header ${header} says something else than ${where}`;
  }
  return undefined;
}

/** The headers that repeat arguments of a call. */
export function argumentHeaders(
  declared: readonly HeaderArgument[],
  args: unknown,
): Record<string, string> {
  return Object.fromEntries(
    declared.flatMap(({ header, path }) => {
      const value = valueAt(args, path);
      return isSent(value) ? [[header, encodeSentinel(String(value))]] : [];
    }),
  );
}
