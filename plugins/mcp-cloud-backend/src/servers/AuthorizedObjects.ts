import type {
  Operation,
  ServerDrift,
  ServerManifests,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { DriftRepair } from '../drift/DriftRepair';
import type { DriftWatcher } from '../drift/DriftWatcher';
import type { AppliedManifests } from '../operations/AppliedManifests';
import type { Caller } from './Caller';
import type { Gate } from './Gate';

/** A server's Kubernetes objects, as callers get them: as they were applied, and what others made of them. */
export class AuthorizedObjects {
  readonly #gate: Gate;
  readonly #applied: AppliedManifests;
  readonly #drift: DriftWatcher;
  readonly #repair: DriftRepair;

  constructor(options: {
    gate: Gate;
    applied: AppliedManifests;
    drift: DriftWatcher;
    repair: DriftRepair;
  }) {
    this.#gate = options.gate;
    this.#applied = options.applied;
    this.#drift = options.drift;
    this.#repair = options.repair;
  }

  manifests(caller: Caller, name: string): Promise<ServerManifests> {
    return this.#gate.read(
      caller,
      name,
      'server-manifests',
      'read',
      async row => ({ items: await this.#applied.of(row.id) }),
    );
  }

  drift(caller: Caller, name: string): Promise<ServerDrift> {
    return this.#gate.read(caller, name, 'server-drift', 'read', row =>
      this.#drift.of(row),
    );
  }

  repair(caller: Caller, name: string): Promise<Operation> {
    return this.#gate.change(
      caller,
      name,
      'server-repair',
      ['operate'],
      (row, actor) => this.#repair.repair(row, actor),
    );
  }
}
