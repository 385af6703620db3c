import type {
  DriftedObject,
  ObjectChange,
  PreviewWarning,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ClusterConnection, KubeObject } from '../clusters/types';

/** What identifies an object in a cluster. */
export interface ObjectKey {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

/** Stands for the right to write, which a runner loses when its lease ends. */
export interface WriteGuard {
  /** Grows with each runner that takes the server over; stamped on what is written. */
  fence: number;
  /** Throws `LeaseLostError` when another runner has taken over. Called right before each write. */
  assertHeld(): Promise<void>;
}

/** Makes a cluster agree with rendered objects. Every method can be called again with the same outcome. */
export interface Delivery {
  /**
   * Applies the objects in order by server-side apply, then removes what `inventory` names and `objects` do not.
   * A Secret is made with a random value when it is not there, and never changed.
   * An object whose stamp carries a higher fence is left alone and `LeaseLostError` is thrown.
   * With `keep`, what others added to the objects is removed too, except by the field managers that it names, which
   * also keep the replicas that they set.
   */
  apply(
    cluster: ClusterConnection,
    objects: KubeObject[],
    inventory: ObjectKey[],
    guard: WriteGuard,
    keep?: ReadonlySet<string>,
  ): Promise<ObjectKey[]>;
  /** Removes all objects of a server and resolves when none is left, pods included. */
  remove(
    cluster: ClusterConnection,
    server: { id: string },
    inventory: ObjectKey[],
    guard: WriteGuard,
    signal: AbortSignal,
  ): Promise<void>;
}

/** What applying would do. */
export interface DryRun {
  objects: ObjectChange[];
  /** What would not be taken, what could not be asked, and what is overwritten. */
  warnings: PreviewWarning[];
}

/** Finds out what a `Delivery` would do, without doing it. Throws `KubeApiError` when the cluster is not reached. */
export interface DeliveryPreview {
  /**
   * What `apply` would do with these. A pod made from the template is tried too, as much is refused of pods alone.
   * `secretsToCome` are names of Secrets that will be there by then.
   */
  apply(
    cluster: ClusterConnection,
    objects: KubeObject[],
    inventory: ObjectKey[],
    secretsToCome: string[],
  ): Promise<DryRun>;
  /** What `remove` would remove. */
  remove(
    cluster: ClusterConnection,
    server: { id: string },
    inventory: ObjectKey[],
  ): Promise<DryRun>;
}

/** Finds out how a cluster differs from what a `Delivery` applied. */
export interface DriftFinder {
  /**
   * `applied` as they were given to `apply`. What the `allowed` field managers changed or added does not count.
   * Throws `KubeApiError` when the cluster is not reached.
   */
  find(
    cluster: ClusterConnection,
    applied: KubeObject[],
    allowed: ReadonlySet<string>,
  ): Promise<DriftedObject[]>;
}

/** Keeps secret values in a cluster; nothing can be read back. */
export interface SecretStore {
  /**
   * Writes an immutable version. False when this server has one of that number already, which stays as it is; one of
   * somebody else is an error.
   */
  put(
    cluster: ClusterConnection,
    server: { id: string; name: string },
    version: number,
    values: Record<string, string>,
  ): Promise<boolean>;
  /** Removes a version; one that is not there is fine. */
  remove(
    cluster: ClusterConnection,
    server: { name: string },
    version: number,
  ): Promise<void>;
}
