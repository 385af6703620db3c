import type { JsonValue } from '@backstage/types';
import type { V1ManagedFieldsEntry } from '@kubernetes/client-node';
import { MANAGED_BY } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { KubeObject } from '../clusters/types';
import { joinPath } from '../preview/diffFields';

/** A set of fields as `managedFields` writes it: `f:` a field, `k:` an element by its keys, `v:` one by its value. */
export type FieldSet = { [key: string]: FieldSet };

/** One field that somebody else set, which our objects do not have. */
export interface AddedField {
  /** As `diffFields` writes paths. */
  path: string;
  found?: JsonValue;
  entry: V1ManagedFieldsEntry;
}

/** Whether an entry is of somebody whose fields count as drift. Status is written by controllers alone. */
export function isForeign(
  entry: V1ManagedFieldsEntry,
  allowed: ReadonlySet<string>,
): boolean {
  return (
    !isOurs(entry) &&
    !entry.subresource &&
    !allowed.has(entry.manager ?? '') &&
    entry.fieldsV1 !== undefined
  );
}

function isOurs(entry: V1ManagedFieldsEntry): boolean {
  return entry.manager === MANAGED_BY && !entry.subresource;
}

/** The fields that our last apply set. */
export function ownFields(entries: V1ManagedFieldsEntry[]): FieldSet {
  return entries
    .filter(isOurs)
    .reduce<FieldSet>((set, entry) => union(set, fieldsOf(entry)), {});
}

/** What others set in an object beside our fields, outermost first: a whole container, and not each of its fields. */
export function addedFields(
  object: { metadata: { managedFields?: V1ManagedFieldsEntry[] } },
  allowed: ReadonlySet<string>,
): AddedField[] {
  const entries = object.metadata.managedFields ?? [];
  const own = ownFields(entries);
  const found = entries
    .filter(entry => isForeign(entry, allowed))
    .flatMap(entry => {
      const { managedFields, ...metadata } = object.metadata;
      const value = { ...object, metadata } as unknown as JsonValue;
      return beside(own, fieldsOf(entry), value, '').map(field => ({
        ...field,
        entry,
      }));
    });
  return [...new Map(found.map(field => [field.path, field])).values()];
}

function beside(
  own: FieldSet,
  other: FieldSet,
  value: JsonValue | undefined,
  path: string,
): Array<{ path: string; found?: JsonValue }> {
  return Object.entries(other).flatMap(([key, inner]) => {
    if (key === '.') {
      return [];
    }
    const [segment, child] = step(key, value);
    const here = joinPath(path, segment.name, segment.list);
    return Object.hasOwn(own, key)
      ? beside(own[key], inner, child, here)
      : [{ path: here, ...(child !== undefined && { found: child }) }];
  });
}

/** Where one segment of a field set leads to in a value. */
function step(
  key: string,
  value: JsonValue | undefined,
): [{ name: string; list: boolean }, JsonValue | undefined] {
  const [kind, rest] = [key.slice(0, 1), key.slice(2)];
  if (kind === 'f') {
    const child =
      value && typeof value === 'object' && !Array.isArray(value)
        ? value[rest]
        : undefined;
    return [{ name: rest, list: false }, child];
  }
  const wanted: JsonValue = JSON.parse(rest);
  const items = Array.isArray(value) ? value : [];
  if (kind === 'i') {
    return [{ name: rest, list: true }, items[Number(wanted)]];
  }
  if (kind === 'v' || wanted === null || typeof wanted !== 'object') {
    return [{ name: String(wanted), list: true }, wanted];
  }
  const item = items.find(one =>
    Object.entries(wanted).every(
      ([name, part]) =>
        one !== null &&
        typeof one === 'object' &&
        !Array.isArray(one) &&
        one[name] === part,
    ),
  );
  const name = nameOf(wanted) ?? nameOf(item);
  const isName = items.filter(one => nameOf(one) === name).length === 1;
  return [
    {
      name: name && isName ? name : Object.values(wanted).join('/'),
      list: true,
    },
    item,
  ];
}

function nameOf(value: JsonValue | undefined): string | undefined {
  const name =
    value && typeof value === 'object' && !Array.isArray(value)
      ? value.name
      : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Whether one path is the other, or leads there. */
function leadsTo(one: string, other: string): boolean {
  return (
    one === other || other.startsWith(`${one}.`) || other.startsWith(`${one}[`)
  );
}

/** Who set a field last, or what it stands in; nobody when it was only taken away, which leaves no trace. */
export function writerOf(
  path: string,
  object: { metadata: { managedFields?: V1ManagedFieldsEntry[] } },
): V1ManagedFieldsEntry | undefined {
  const value = object as unknown as JsonValue;
  return (object.metadata.managedFields ?? [])
    .filter(
      entry =>
        !isOurs(entry) &&
        entry.subresource !== 'status' &&
        pathsOf(fieldsOf(entry), value, '').some(
          one => leadsTo(one, path) || leadsTo(path, one),
        ),
    )
    .sort((a, b) => timeOf(b) - timeOf(a))[0];
}

/** When an entry was last written, in milliseconds; JSON holds a string where client-node says Date. */
function timeOf(entry: V1ManagedFieldsEntry): number {
  return entry.time ? new Date(entry.time).getTime() : 0;
}

/** The paths of all leaves. */
function pathsOf(
  set: FieldSet,
  value: JsonValue | undefined,
  path: string,
): string[] {
  return Object.entries(set).flatMap(([key, inner]) => {
    if (key === '.') {
      return [];
    }
    const [segment, child] = step(key, value);
    const here = joinPath(path, segment.name, segment.list);
    const below = pathsOf(inner, child, here);
    return below.length ? below : [here];
  });
}

/**
 * The entries after our apply has been given all that strangers set: the apply that follows then removes what is in
 * none of our fields, list elements included, by the API server's own knowledge of the types. Nothing when there is
 * nothing of strangers.
 */
export function takenOver(
  entries: V1ManagedFieldsEntry[],
  allowed: ReadonlySet<string>,
): V1ManagedFieldsEntry[] | undefined {
  const foreign = entries.filter(entry => isForeign(entry, allowed));
  const own = entries.find(
    entry => isOurs(entry) && entry.operation === 'Apply',
  );
  if (!foreign.length || !own) {
    return undefined;
  }
  const fieldsV1 = foreign.reduce<FieldSet>(
    (set, entry) => union(set, fieldsOf(entry)),
    fieldsOf(own),
  );
  return entries
    .filter(entry => !foreign.includes(entry))
    .map(entry => (entry === own ? { ...own, fieldsV1 } : entry));
}

function fieldsOf(entry: V1ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 ?? {}) as FieldSet;
}

function union(one: FieldSet, other: FieldSet): FieldSet {
  const result = { ...one };
  for (const [key, inner] of Object.entries(other)) {
    result[key] = Object.hasOwn(one, key) ? union(one[key], inner) : inner;
  }
  return result;
}

/** Our object without the replicas that an allowed manager, such as an HPA, has set in the live one. */
export function withoutFieldsOf(
  allowed: ReadonlySet<string>,
  object: KubeObject,
  live: { metadata: { managedFields?: V1ManagedFieldsEntry[] } },
): KubeObject {
  const entry = writerOf('spec.replicas', live);
  if (!entry || !allowed.has(entry.manager ?? '')) {
    return object;
  }
  const { replicas, ...spec } = object.spec as { replicas?: number };
  return { ...object, spec };
}
