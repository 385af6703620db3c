import type { JsonValue } from '@backstage/types';
import type { FieldChange } from '@mcp-cloud/plugin-mcp-cloud-common';

type Dictionary = Record<string, JsonValue | undefined>;

/**
 * The differences between two documents, in the order of their paths. Elements of lists are compared by their `name`
 * where all have one (containers, variables, ports), so that an insertion is one difference; other lists as a whole.
 */
export function diffFields(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path = '',
): FieldChange[] {
  const [from, to] = [childrenOf(before), childrenOf(after)];
  if (from && to && from.list === to.list) {
    const keys = [...new Set([...from.of.keys(), ...to.of.keys()])].sort();
    return keys.flatMap(key =>
      diffFields(
        from.of.get(key),
        to.of.get(key),
        joinPath(path, key, from.list),
      ),
    );
  }
  if (isEqual(before, after)) {
    return [];
  }
  return [
    {
      path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ];
}

interface Children {
  list: boolean;
  of: Map<string, JsonValue | undefined>;
}

function childrenOf(value: JsonValue | undefined): Children | undefined {
  if (Array.isArray(value)) {
    const names = value.map(nameOf);
    return names.every(name => name !== undefined) &&
      new Set(names).size === names.length
      ? {
          list: true,
          of: new Map(value.map((one, index) => [names[index]!, one])),
        }
      : undefined;
  }
  return isDictionary(value)
    ? { list: false, of: new Map(Object.entries(value)) }
    : undefined;
}

function nameOf(value: JsonValue): string | undefined {
  const name = isDictionary(value) ? value.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

function isDictionary(value: JsonValue | undefined): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      a.length === b.length && a.every((one, index) => isEqual(one, b[index]))
    );
  }
  if (isDictionary(a) && isDictionary(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every(key => isEqual(a[key], b[key]));
  }
  return a === b;
}

/** `a.b`, `a[b]` for an element of a list or a key that is no plain word. */
export function joinPath(path: string, key: string, list: boolean): string {
  if (list || !/^[A-Za-z_][\w-]*$/.test(key)) {
    return `${path}[${key}]`;
  }
  return path ? `${path}.${key}` : key;
}
