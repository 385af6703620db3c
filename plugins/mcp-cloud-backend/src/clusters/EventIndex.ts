import type { CoreV1Event } from '@kubernetes/client-node';

/** Events kept of one object, and of all objects of one server together. */
const PER_OBJECT = 10;
const PER_SERVER = 80;
/** Hyphenated segments that Kubernetes adds to the name of the owner. */
const ADDED_SEGMENTS: Record<string, number> = { Pod: 2, ReplicaSet: 1 };

/**
 * The newest events by server, in bounded memory. Events carry no label of ours, so they are found by the name of
 * their object: a Deployment is called `mcp-<server>`, a ReplicaSet adds one segment and a Pod two, and no segment
 * that Kubernetes adds has a hyphen in it.
 */
export class EventIndex {
  readonly #byServer = new Map<string, Map<string, CoreV1Event>>();

  /** The name of the server's main object, or `undefined` when the event is not about one of ours. */
  static serverObjectOf(event: CoreV1Event): string | undefined {
    const { kind, name } = event.involvedObject;
    if (!name?.startsWith('mcp-')) {
      return undefined;
    }
    const segments = ADDED_SEGMENTS[kind ?? ''];
    const owner = segments
      ? name.split('-').slice(0, -segments).join('-')
      : name.split('--')[0];
    return owner.length > 'mcp-'.length ? owner : undefined;
  }

  replace(events: CoreV1Event[]): void {
    this.#byServer.clear();
    for (const event of events) {
      this.upsert(event);
    }
  }

  upsert(event: CoreV1Event): void {
    const owner = EventIndex.serverObjectOf(event);
    const key = event.metadata.uid ?? event.metadata.name;
    if (!owner || !key) {
      return;
    }
    let events = this.#byServer.get(owner);
    if (!events) {
      events = new Map();
      this.#byServer.set(owner, events);
    }
    events.set(key, slim(event));
    const sameObject = [...events.values()].filter(
      one =>
        one.involvedObject.kind === event.involvedObject.kind &&
        one.involvedObject.name === event.involvedObject.name,
    );
    dropOldest(events, sameObject, PER_OBJECT);
    dropOldest(events, [...events.values()], PER_SERVER);
  }

  remove(event: CoreV1Event): void {
    const owner = EventIndex.serverObjectOf(event);
    const key = event.metadata.uid ?? event.metadata.name;
    const events = owner ? this.#byServer.get(owner) : undefined;
    if (owner && key && events?.delete(key) && events.size === 0) {
      this.#byServer.delete(owner);
    }
  }

  /** Newest first. */
  of(serverObject: string): CoreV1Event[] {
    return [...(this.#byServer.get(serverObject)?.values() ?? [])].sort(
      (a, b) => eventTime(b) - eventTime(a),
    );
  }
}

/** When an event was last seen, in milliseconds. */
export function eventTime(event: CoreV1Event): number {
  const at =
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.metadata.creationTimestamp;
  // JSON holds strings where client-node's types say Date or MicroTime.
  return at ? new Date(at as unknown as string).getTime() : 0;
}

function dropOldest(
  from: Map<string, CoreV1Event>,
  among: CoreV1Event[],
  keep: number,
): void {
  if (among.length <= keep) {
    return;
  }
  among.sort((a, b) => eventTime(b) - eventTime(a));
  for (const event of among.slice(keep)) {
    from.delete(event.metadata.uid ?? event.metadata.name ?? '');
  }
}

/** An event without what nobody reads; managed fields alone are half of one. */
function slim(event: CoreV1Event): CoreV1Event {
  const { managedFields, ...metadata } = event.metadata;
  return { ...event, metadata };
}
