import type { Cluster } from '../cluster.ts';
import type { Component } from '../components.ts';

export const addOnNames = [
  'ingress',
  'certificates',
  'network-policy',
] as const;
export type AddOnName = (typeof addOnNames)[number];

/** A cluster that is up, and what an add-on has to work with. */
export interface AddOnContext {
  cluster: Cluster;
  /** Folder of the add-on's programs, and of `crds/`. */
  bin: string;
  /** Folder for what the add-on itself writes; it goes when the cluster stops. */
  etc: string;
  /** The program that carries connections from the host into the cluster's namespace. */
  forward: string;
  /** Runs the cluster's kubectl as its administrator. @returns what it prints */
  kubectl(...args: string[]): Promise<string>;
  /** Applies an object, or a list of them. */
  apply(object: object): Promise<void>;
  /** Applies a folder of kinds and waits until the API server serves them. */
  applyKinds(folder: string): Promise<void>;
  /** Starts a process of the add-on in the cluster's namespace and cgroup. */
  launch(component: Component): void;
  /** Waits for something, and fails at once when a process of the add-on has stopped. */
  until(
    what: string,
    condition: () => Promise<boolean>,
    seconds: number,
  ): Promise<void>;
}

/** Something that production clusters have and the plain one lacks, as processes beside it. */
export interface AddOn {
  name: AddOnName;
  /** Its processes, by which it is known to run. */
  processes: readonly string[];
  /** Makes programs and `crds/` in a folder, once for all clusters. */
  build(folder: string): Promise<void>;
  start(context: AddOnContext): Promise<void>;
  /** Takes its objects out of a cluster that is still up; its processes end with the cluster. */
  remove(context: AddOnContext): Promise<void>;
}
