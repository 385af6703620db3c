import type { CoreV1Event } from '@kubernetes/client-node';

/** Events kept of one object, and of all objects of one server together. */
const PER_OBJECT = 10;
const PER_SERVER = 80;
/** Hyphenated segments that Kubernetes adds to the name of the owner. */
const ADDED_SEGMENTS: Record<string, number> = { Pod: 2, ReplicaSet: 1 };

interface Timed {
  event: CoreV1Event;
  /** Parsed once: lists of servers ask for all events again and again. */
  time: number;
}

/** The events of one server, by uid. */
interface Kept {
  byKey: Map<string, Timed>;
  /** Newest first, made when somebody asks. */
  sorted?: Timed[];
}

/**
 * The newest events by server, in bounded memory. Events carry no label of ours, so they are found by the name of
 * their object: a Deployment is called `mcp-<server>`, a ReplicaSet adds one segment and a Pod two, and no segment
 * that Kubernetes adds has a hyphen in it.
 */
export class EventIndex {
  readonly #byServer = new Map<string, Kept>();

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
    let kept = this.#byServer.get(owner);
    if (!kept) {
      kept = { byKey: new Map() };
      this.#byServer.set(owner, kept);
    }
    const { byKey } = kept;
    kept.sorted = undefined;
    byKey.set(key, { event: slim(event), time: eventTime(event) });
    const { kind, name } = event.involvedObject;
    const sameObject = [...byKey].filter(
      ([, { event: one }]) =>
        one.involvedObject.kind === kind && one.involvedObject.name === name,
    );
    dropOldest(byKey, sameObject, PER_OBJECT);
    dropOldest(byKey, [...byKey], PER_SERVER);
  }

  remove(event: CoreV1Event): void {
    const owner = EventIndex.serverObjectOf(event);
    const key = event.metadata.uid ?? event.metadata.name;
    const kept = owner ? this.#byServer.get(owner) : undefined;
    if (owner && key && kept?.byKey.delete(key)) {
      kept.sorted = undefined;
      if (kept.byKey.size === 0) {
        this.#byServer.delete(owner);
      }
    }
  }

  /** Those since a time, newest first. */
  of(serverObject: string, since = 0): CoreV1Event[] {
    const kept = this.#byServer.get(serverObject);
    if (!kept) {
      return [];
    }
    kept.sorted ??= [...kept.byKey.values()].sort((a, b) => b.time - a.time);
    return kept.sorted
      .filter(({ time }) => time >= since)
      .map(({ event }) => event);
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
  from: Map<string, Timed>,
  among: Array<[string, Timed]>,
  keep: number,
): void {
  if (among.length <= keep) {
    return;
  }
  among.sort(([, a], [, b]) => b.time - a.time);
  for (const [key] of among.slice(keep)) {
    from.delete(key);
  }
}

/** An event without what nobody reads; managed fields alone are half of one. */
function slim(event: CoreV1Event): CoreV1Event {
  const { managedFields, ...metadata } = event.metadata;
  return { ...event, metadata };
}
