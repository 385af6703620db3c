import type { JsonValue } from '@backstage/types';
import type { ObjectChange } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { KubeObject } from '../clusters/types';
import { diffFields } from './diffFields';

/** What becomes of a server's objects; those that stay as they are are left out. */
export function diffObjects(
  before: KubeObject[],
  after: KubeObject[],
): ObjectChange[] {
  const [from, to] = [byKey(before), byKey(after)];
  const keys = [...new Set([...from.keys(), ...to.keys()])];
  return keys.flatMap(key => diffObject(from.get(key), to.get(key)));
}

/** At most one change. Either may be missing, but not both. */
export function diffObject(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): ObjectChange[] {
  const { kind, metadata } = (after ?? before)!;
  const object = { kind, name: metadata.name };
  if (!before || !after) {
    return [{ ...object, change: after ? 'added' : 'removed', fields: [] }];
  }
  const fields = diffFields(plain(before), plain(after));
  return fields.length ? [{ ...object, change: 'changed', fields }] : [];
}

function byKey(objects: KubeObject[]): Map<string, KubeObject> {
  return new Map(
    objects.map(object => [`${object.kind}/${object.metadata.name}`, object]),
  );
}

/** As it goes over the wire: without what is undefined. */
function plain(object: KubeObject): JsonValue {
  return JSON.parse(JSON.stringify(object));
}
