import { createHash } from 'node:crypto';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ObjectKey } from '../delivery/types';
import type { ReflectorSink } from './Reflector';
import type { KubeObject } from './types';

interface Known {
  key: ObjectKey;
  serverId: string;
  /** Differs after each write that is not one of status. */
  written: string;
}

/**
 * Which objects of ours there are, by server, and when somebody writes one. Status is written all the time and says
 * nothing here.
 */
export class ObjectIndex {
  readonly #known = new Map<string, Map<string, Known>>();
  readonly #onWrite: (serverId: string) => void;

  constructor(onWrite: (serverId: string) => void) {
    this.#onWrite = onWrite;
  }

  /** For the objects of one kind. */
  sink({ kind }: { kind: string }): ReflectorSink<KubeObject> {
    const known = new Map<string, Known>();
    this.#known.set(kind, known);
    const remove = (id: string) => {
      const before = known.get(id);
      if (before) {
        known.delete(id);
        this.#onWrite(before.serverId);
      }
    };
    const upsert = (object: KubeObject) => {
      const id = `${object.metadata.namespace}/${object.metadata.name}`;
      const serverId = object.metadata.labels?.[SERVER_ID_LABEL];
      const before = known.get(id);
      if (before && before.serverId !== serverId) {
        remove(id);
      }
      if (!serverId) {
        return;
      }
      const written = writesOf(object);
      if (before?.written !== written || before.serverId !== serverId) {
        known.set(id, { key: keyOf(object), serverId, written });
        this.#onWrite(serverId);
      }
    };
    return {
      replace: items => {
        const there = new Set(
          items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
        );
        [...known.keys()].filter(id => !there.has(id)).forEach(remove);
        items.forEach(upsert);
      },
      upsert,
      remove: ({ metadata }) =>
        remove(`${metadata.namespace}/${metadata.name}`),
    };
  }

  /** By server id. Secrets are not among them, as they are never listed. */
  byServer(): Map<string, ObjectKey[]> {
    const found = new Map<string, ObjectKey[]>();
    for (const known of this.#known.values()) {
      for (const { key, serverId } of known.values()) {
        found.set(serverId, [...(found.get(serverId) ?? []), key]);
      }
    }
    return found;
  }
}

function keyOf({ apiVersion, kind, metadata }: KubeObject): ObjectKey {
  const { name, namespace = '' } = metadata;
  return { apiVersion, kind, namespace, name };
}

/** A write that takes fields away may leave no other trace than the generation, or for want of one the version. */
function writesOf({ metadata }: KubeObject): string {
  const { uid, generation, resourceVersion, labels, annotations } = metadata;
  const written = (metadata.managedFields ?? [])
    .filter(({ subresource }) => subresource !== 'status')
    .map(({ manager, operation, time, fieldsV1 }) => [
      manager,
      operation,
      time,
      fieldsV1,
    ]);
  return createHash('sha256')
    .update(
      JSON.stringify([
        uid,
        generation ?? resourceVersion,
        labels,
        annotations,
        written,
      ]),
    )
    .digest('base64');
}
