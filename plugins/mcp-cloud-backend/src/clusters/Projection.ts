import type {
  CoreV1Event,
  V1Deployment,
  V1ObjectMeta,
  V1Pod,
  V1ReplicaSet,
} from '@kubernetes/client-node';
import {
  objectName,
  REVISION_ANNOTATION,
  SERVER_ID_LABEL,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { EventIndex } from './EventIndex';
import type { ReflectorSink } from './Reflector';
import type { BridgeObservation, ObservedServer } from './types';

/** All that is known of one server's objects. */
interface Entry {
  deployments: Map<string, V1Deployment>;
  replicaSets: Map<string, V1ReplicaSet>;
  pods: Map<string, V1Pod>;
  bridges: Map<string, BridgeObservation>;
  /** By pod name: when its bridge was first heard of, and when listeners were last told. */
  told: Map<string, { first: number; last: number }>;
  version: number;
}

/** What a bridge says grows into a cause with time alone: for a minute listeners hear of it even if it repeats itself. */
const RIPENING_MS = 60_000;
const RETELL_MS = 4_000;

type Kind = 'deployments' | 'replicaSets' | 'pods';

/** The picture of one server without what holds for its whole cluster. */
export type ServerPicture = Omit<ObservedServer, 'health' | 'synced'>;

/**
 * What a cluster shows, in memory, by server id. Fed by the reflectors, asked by everything else; `onChange` is told
 * the ids of servers whose picture differs from before.
 */
export class Projection {
  readonly #entries = new Map<string, Entry>();
  readonly #events = new EventIndex();
  /** Which server a main object's name belongs to; events know only names. */
  readonly #idByObject = new Map<string, string>();
  readonly #onChange: (id: string) => void;

  constructor(onChange: (id: string) => void) {
    this.#onChange = onChange;
  }

  readonly deployments: ReflectorSink<V1Deployment> = this.#sink<V1Deployment>(
    'deployments',
    deployment => deployment,
  );
  readonly replicaSets: ReflectorSink<V1ReplicaSet> = this.#sink<V1ReplicaSet>(
    'replicaSets',
    slimReplicaSet,
  );
  readonly pods: ReflectorSink<V1Pod> = this.#sink<V1Pod>('pods', pod => pod);

  readonly events: ReflectorSink<CoreV1Event> = {
    replace: items => {
      this.#events.replace(items);
      for (const event of items) {
        this.#noteEvent(event);
      }
    },
    upsert: event => {
      this.#events.upsert(event);
      this.#noteEvent(event);
    },
    // Events go an hour after they came: nothing that anyone waits for.
    remove: event => this.#events.remove(event),
  };

  observe(server: { id: string; name: string }): ServerPicture {
    const entry = this.#entries.get(server.id);
    const deployment =
      entry?.deployments.get(objectName(server.name)) ??
      first(entry?.deployments);
    const since = deployment?.metadata?.creationTimestamp;
    // A name may be used anew within the hour that events live: those of its earlier life are not this server's.
    const from = since ? new Date(since).getTime() : 0;
    return {
      deployment,
      pods: entry ? [...entry.pods.values()] : [],
      events: this.#events.of(objectName(server.name), from),
      bridges: entry?.bridges ?? new Map(),
      podRevisions: entry ? podRevisions(entry) : new Map(),
      version: entry?.version ?? 0,
    };
  }

  serverIds(): string[] {
    return [...this.#entries]
      .filter(([, entry]) => !isEmpty(entry))
      .map(([id]) => id);
  }

  /** Keeps what a bridge said for as long as its pod is known. */
  noteBridge(
    serverId: string,
    podName: string,
    observation: BridgeObservation,
  ): void {
    const entry = this.#entries.get(serverId);
    if (!entry?.pods.has(podName)) {
      return;
    }
    const before = entry.bridges.get(podName);
    entry.bridges.set(podName, observation);
    const at = observation.at.getTime();
    const told = entry.told.get(podName) ?? { first: at, last: 0 };
    const ripens = at - told.first < RIPENING_MS && at - told.last >= RETELL_MS;
    if (!before || essence(before) !== essence(observation) || ripens) {
      entry.told.set(podName, { ...told, last: at });
      this.#onChange(serverId);
    }
  }

  #sink<T extends V1Deployment | V1ReplicaSet | V1Pod>(
    kind: Kind,
    slim: (item: T) => T,
  ): ReflectorSink<T> {
    const put = (item: T): string | undefined => {
      const id = idOf(item.metadata);
      const name = item.metadata?.name;
      if (!id || !name) {
        return undefined;
      }
      const entry = this.#entry(id);
      entry.version = Math.max(entry.version, versionOf(item.metadata));
      (entry[kind] as Map<string, unknown>).set(
        name,
        withoutManagedFields(slim(item)),
      );
      if (kind === 'deployments') {
        this.#idByObject.set(name, id);
      }
      return id;
    };
    const take = (id: string, name: string, version: number) => {
      const entry = this.#entries.get(id);
      if (!entry?.[kind].delete(name)) {
        return;
      }
      entry.version = Math.max(entry.version, version);
      if (kind === 'pods') {
        entry.bridges.delete(name);
        entry.told.delete(name);
      }
      if (kind === 'deployments' && this.#idByObject.get(name) === id) {
        this.#idByObject.delete(name);
      }
      this.#onChange(id);
    };
    return {
      replace: (items, version) => {
        const seen = new Set(
          items.map(item => `${idOf(item.metadata)}/${item.metadata?.name}`),
        );
        for (const [id, entry] of this.#entries) {
          for (const name of [...entry[kind].keys()]) {
            if (!seen.has(`${id}/${name}`)) {
              take(id, name, version);
            }
          }
        }
        for (const item of items) {
          const id = put(item);
          if (id) {
            this.#onChange(id);
          }
        }
      },
      upsert: item => {
        const id = put(item);
        if (id) {
          this.#onChange(id);
        }
      },
      remove: item => {
        const id = idOf(item.metadata);
        if (id && item.metadata?.name) {
          take(id, item.metadata.name, versionOf(item.metadata));
        }
      },
    };
  }

  #noteEvent(event: CoreV1Event): void {
    const owner = EventIndex.serverObjectOf(event);
    const id = owner ? this.#idByObject.get(owner) : undefined;
    if (id) {
      const entry = this.#entry(id);
      entry.version = Math.max(entry.version, versionOf(event.metadata));
      this.#onChange(id);
    }
  }

  #entry(id: string): Entry {
    let entry = this.#entries.get(id);
    if (!entry) {
      entry = {
        deployments: new Map(),
        replicaSets: new Map(),
        pods: new Map(),
        bridges: new Map(),
        told: new Map(),
        version: 0,
      };
      this.#entries.set(id, entry);
    }
    return entry;
  }
}

function isEmpty(entry: Entry): boolean {
  return (
    entry.deployments.size + entry.replicaSets.size + entry.pods.size === 0
  );
}

function first<T>(map: Map<string, T> | undefined): T | undefined {
  return map?.values().next().value;
}

function idOf(metadata: V1ObjectMeta | undefined): string | undefined {
  return metadata?.labels?.[SERVER_ID_LABEL];
}

function versionOf(metadata: V1ObjectMeta | undefined): number {
  return Number(metadata?.resourceVersion) || 0;
}

/** Each pod's revision by way of its ReplicaSet, to which Kubernetes copies the Deployment's annotations. */
function podRevisions(entry: Entry): Map<string, number> {
  const result = new Map<string, number>();
  for (const [name, pod] of entry.pods) {
    const owner = pod.metadata?.ownerReferences?.find(
      reference => reference.kind === 'ReplicaSet',
    )?.name;
    const revision = Number(
      owner &&
        entry.replicaSets.get(owner)?.metadata?.annotations?.[
          REVISION_ANNOTATION
        ],
    );
    if (revision) {
      result.set(name, revision);
    }
  }
  return result;
}

function withoutManagedFields<T extends { metadata?: V1ObjectMeta }>(
  item: T,
): T {
  if (!item.metadata?.managedFields) {
    return item;
  }
  const { managedFields, ...metadata } = item.metadata;
  return { ...item, metadata };
}

/** Of a ReplicaSet only its name and annotations are ever asked for. */
function slimReplicaSet(item: V1ReplicaSet): V1ReplicaSet {
  return { metadata: item.metadata };
}

/** What of an observation is news: times that pass are not. */
function essence(observation: BridgeObservation): string {
  if ('error' in observation) {
    return `error ${observation.error} ${observation.nothingListens}`;
  }
  const { ready, lastExits, stderr, draining } = observation.report;
  return JSON.stringify([ready.ok, ready.reason, lastExits, stderr, draining]);
}
