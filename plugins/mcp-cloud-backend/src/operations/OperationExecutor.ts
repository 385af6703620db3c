import type { ServerStatus } from '@mcp-cloud/plugin-mcp-cloud-common';
import { clusterOf } from '../clusters/clusterOf';
import type {
  ClusterConnection,
  Clusters,
  KubeObject,
} from '../clusters/types';
import type { ServerRow } from '../database/rows';
import { LeaseLostError } from '../delivery/LeaseLostError';
import type { Delivery, ObjectKey, SecretStore } from '../delivery/types';
import type { RenderInput } from '../manifests/types';
import type { BridgeGateway } from '../mcp/types';
import type { Quota } from '../quota/Quota';
import { checkInCluster } from '../servers/clusterChecks';
import type { PlatformRules } from '../servers/platformRules';
import type { Revision } from '../servers/Revision';
import type { RevisionStore } from '../servers/RevisionStore';
import type { SecretVersions } from '../servers/SecretVersions';
import type { ServerKeys } from '../servers/ServerKeys';
import type { ServerChanges } from '../servers/ServerChanges';
import type { ServerStore } from '../servers/ServerStore';
import type { DesiredServer } from '../status/types';
import { areThere, endPods } from './endPods';
import { handshakeWithPatience } from './handshakeWithPatience';
import type { AppliedManifests } from './AppliedManifests';
import { ClusterSwitch } from './ClusterSwitch';
import type { Lease } from './Lease';
import type { LeasedOperation } from './LeasedOperation';
import { OperationEnd, type OperationEndOptions } from './OperationEnd';
import { renderInputOf } from './renderInputOf';
import { retryUnreachable } from './retryUnreachable';
import { ServerRemoval } from './ServerRemoval';
import { StepReporter } from './StepReporter';
import { waitForPods } from './waitForPods';

/** What carrying out operations takes. */
export interface ExecutorOptions extends OperationEndOptions {
  servers: ServerStore;
  revisions: RevisionStore;
  secretVersions: SecretVersions;
  secretStore: SecretStore;
  clusters: Clusters;
  delivery: Delivery;
  applied: AppliedManifests;
  /** Field managers whose changes a repair leaves alone. */
  allowedManagers: ReadonlySet<string>;
  render: (
    input: RenderInput,
    cluster: ClusterConnection,
  ) => Promise<KubeObject[]>;
  rules: PlatformRules;
  gateway: BridgeGateway;
  changes: ServerChanges;
  keys: ServerKeys;
  quota: Quota;
  /** For tests. */
  failingMs?: number;
  handshakeMs?: number;
}

/** Operations that bring pods up with what a Spec refers to. Nobody is kept from stopping or scaling a server. */
const CHECKED = new Set<string>(['deploy', 'rollback', 'start', 'move']);
/** Operations that may take more of the owner's quota. */
const COUNTED = new Set<string>([...CHECKED, 'scale']);

interface Run {
  operation: LeasedOperation;
  lease: Lease;
  signal: AbortSignal;
  server: ServerRow;
  /** Where the server is to be. */
  cluster: ClusterConnection;
  /** Under which the objects were last written. */
  appliedFence: number;
  report: StepReporter;
}

/**
 * Carries operations out, step by step. Each step can be done again with the same outcome, and none that is
 * recorded as done is: so a runner may die anywhere, and the next one goes on where it was.
 */
export class OperationExecutor {
  readonly #options: ExecutorOptions;
  readonly #end: OperationEnd;
  readonly #removal: ServerRemoval;
  readonly #switch: ClusterSwitch;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#end = new OperationEnd(options);
    this.#removal = new ServerRemoval(options);
    this.#switch = new ClusterSwitch(options);
  }

  async execute(operation: LeasedOperation, lease: Lease): Promise<void> {
    const { leases, changes, timeoutMs } = this.#options;
    const deadline = AbortSignal.timeout(
      Math.max(1, timeoutMs - operation.elapsedMs),
    );
    const signal = AbortSignal.any([lease.signal, deadline]);
    const report = new StepReporter(operation, leases, changes);
    let run: Run | undefined;
    try {
      // What interrupts it may have come while nobody held the operation.
      await lease.beat();
      signal.throwIfAborted();
      const server = (await this.#options.servers.findById(
        operation.serverId,
      ))!;
      const { move } = operation.target;
      const cluster = clusterOf(this.#options.clusters, move ?? server);
      const appliedFence = operation.appliedFence ?? operation.fence;
      run = {
        operation,
        lease,
        signal,
        server,
        cluster,
        appliedFence,
        report,
      };
      for (const step of operation.steps) {
        if (!operation.done.has(step)) {
          signal.throwIfAborted();
          await report.begin(step);
          await report.succeed(await this.#step(step, run));
        }
      }
      if (operation.steps.includes('pods')) {
        // Time has passed since the objects were written: what an older runner wrote in between is mended here.
        await this.#write(run);
      }
      await this.#finish(run);
    } catch (error) {
      await this.#end.unfinished(
        operation,
        report,
        signal.aborted ? signal.reason : error,
        run && desiredBy(run),
      );
    }
    changes.changed(operation.serverId);
  }

  async #step(step: string, run: Run): Promise<string | undefined> {
    switch (step) {
      case 'apply':
        return this.#apply(run);
      case 'end':
        return this.#endPods(run);
      case 'pods':
        return this.#pods(run);
      case 'handshake':
        return this.#handshake(run);
      case 'switch':
        return this.#switchOver(run);
      case 'remove':
        return run.operation.kind === 'delete'
          ? this.#remove(run)
          : this.#removeElsewhere(run);
      default:
        throw new Error(`Unknown step: ${step}`);
    }
  }

  async #apply(run: Run): Promise<string> {
    const { server, operation } = run;
    const { kind, target } = operation;
    const { quota, rules } = this.#options;
    if (COUNTED.has(kind)) {
      const { spec } = await this.#revision(run);
      await quota.recheck(server, target, spec);
      if (CHECKED.has(kind)) {
        await retryUnreachable(() => checkInCluster(run.cluster, spec, rules), {
          signal: run.signal,
          onRetry: error => run.report.say(`${error.message} Trying again.`),
        });
      }
    }
    const objects = await this.#write(run);
    await this.#options.leases.setApplied(run.operation);
    // eslint-disable-next-line no-param-reassign
    run.appliedFence = run.operation.fence;
    return `${objects.length} objects`;
  }

  async #revision({ operation, server, cluster }: Run): Promise<Revision> {
    const { revision, move } = operation.target;
    const found = await this.#options.revisions.get(
      server.id,
      // That of a move is written when it is done, and the same in all else.
      move ? revision - 1 : revision,
    );
    return { ...found, spec: { ...found.spec, cluster: cluster.name } };
  }

  /** Renders and applies the operation's target. */
  async #write(run: Run): Promise<KubeObject[]> {
    const { leases, servers, applied, delivery, render } = this.#options;
    const { operation, lease, cluster, server } = run;
    const { target } = operation;
    const repairs = operation.kind === 'repair';
    // What was applied is written again, so that pods that are to stay do so when rendering has changed since.
    const keeps = repairs || operation.kind === 'recover';
    const revision = await this.#revision(run);
    return retryUnreachable(
      async () => {
        // Read anew each time: revoking tokens must not wait for a later operation.
        const now = (await servers.findById(server.id))!;
        const kept = keeps ? await applied.of(server.id) : [];
        const objects = kept.length
          ? kept
          : await render(renderInputOf(now, revision, target), cluster);
        const known = await leases.inventory(server.id, cluster.name);
        // Before the first write, so that a crash leaves no object that nobody knows of.
        await this.#remember(run, union(known, objects.map(keyOf)), objects);
        const keys = await delivery.apply(
          cluster,
          objects,
          known,
          lease,
          repairs ? this.#options.allowedManagers : undefined,
        );
        await this.#remember(run, keys, objects);
        return objects;
      },
      {
        signal: run.signal,
        onRetry: error => run.report.say(`${error.message} Trying again.`),
      },
    );
  }

  async #remember(
    run: Run,
    keys: ObjectKey[],
    objects: KubeObject[],
  ): Promise<void> {
    const { leases } = this.#options;
    const { operation, cluster } = run;
    const { name } = cluster;
    if (!(await leases.setInventory(operation, name, keys, objects))) {
      throw new LeaseLostError();
    }
  }

  async #endPods(run: Run): Promise<string> {
    const { cluster, operation, lease, signal } = run;
    const pods = operation.target.recover?.pods ?? [];
    await retryUnreachable(
      async () => {
        await lease.assertHeld();
        await endPods(cluster, run.server, pods);
      },
      {
        signal,
        onRetry: error => run.report.say(`${error.message} Trying again.`),
      },
    );
    await this.#options.statuses.waitFor(
      desiredBy(run),
      () => !areThere(cluster, run.server, pods),
      { signal },
    );
    return pods.map(({ name }) => name).join(', ');
  }

  async #pods(run: Run): Promise<string> {
    const { statuses, failingMs } = this.#options;
    const onStatus = (status: ServerStatus) =>
      run.report.progress(status.message);
    const status = await waitForPods({
      cluster: run.cluster,
      server: desiredBy(run),
      statuses,
      fence: run.appliedFence,
      signal: run.signal,
      onStatus,
      failingMs,
    });
    return status.message;
  }

  async #handshake(run: Run): Promise<string> {
    const { gateway, servers, changes, handshakeMs } = this.#options;
    const server = {
      id: run.server.id,
      name: run.server.name,
      revision: run.operation.target.revision,
    };
    const capabilities = await handshakeWithPatience(
      () => gateway.handshake(run.cluster, server, run.signal),
      {
        signal: run.signal,
        patienceMs: handshakeMs,
        onRetry: error => run.report.say(error.message),
      },
    );
    await run.lease.assertHeld();
    await servers.putCapabilities(server.id, capabilities);
    changes.listChanged(server.id);
    const { tools, prompts, resources } = capabilities;
    return `${tools.length} tools, ${prompts.length} prompts, ${resources.length} resources`;
  }

  async #remove(run: Run): Promise<string> {
    await retryUnreachable(() => this.#removal.everywhere(run), {
      signal: run.signal,
      onRetry: error => run.report.say(`${error.message} Trying again.`),
    });
    return 'Nothing is left in the cluster';
  }

  async #switchOver(run: Run): Promise<string> {
    const { operation, cluster, lease, signal, server } = run;
    if (!(await this.#switch.to(cluster, operation))) {
      // Says why.
      await lease.beat();
      signal.throwIfAborted();
      throw new LeaseLostError();
    }
    this.#options.changes.listChanged(server.id);
    return `The server is the one in ${cluster.name} now`;
  }

  async #removeElsewhere(run: Run): Promise<string> {
    const now = (await this.#options.servers.findById(run.server.id))!;
    const left = await this.#removal.elsewhere(now, run);
    return left.length
      ? `What is left in ${left.join(
          ', ',
        )} cannot be removed now, and will be when it can`
      : 'Nothing is left in another cluster';
  }

  async #finish(run: Run): Promise<void> {
    const { leases, servers, changes, keys } = this.#options;
    const { operation, server } = run;
    const { target } = operation;
    const outcome = { state: 'succeeded' } as const;
    const held = await leases.finish(operation, outcome, async trx => {
      if (operation.steps.includes('pods') && target.runState === 'running') {
        await servers.setGoodRevision(trx, server.id, target.revision);
      }
      if (operation.kind === 'delete') {
        await trx('inventory').where({ server_id: server.id }).delete();
        await trx('capabilities').where({ server_id: server.id }).delete();
        await keys.removeAll(trx, server.id);
        const deletedAt = server.deleted_at ?? new Date().toISOString();
        await servers.update(trx, server.id, {
          live_name: null,
          public_address: null,
          deleted_at: deletedAt,
        });
      }
    });
    if (!held) {
      throw new LeaseLostError();
    }
    changes.listChanged(server.id);
  }
}

/** The server as this operation wants it, whatever has been accepted since. */
function desiredBy({ server, cluster, operation }: Run): DesiredServer {
  const { revision, replicas, runState, scaling } = operation.target;
  return {
    id: server.id,
    name: server.name,
    cluster: cluster.name,
    runState,
    replicas,
    ...(scaling && { scaling }),
    revision,
    handshake: server.handshake,
    // To the cluster that a server moves to, it is a new one.
    operation: operation.kind === 'move' ? 'deploy' : operation.kind,
  };
}

function keyOf({ apiVersion, kind, metadata }: KubeObject): ObjectKey {
  return {
    apiVersion,
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  };
}

function union(one: ObjectKey[], other: ObjectKey[]): ObjectKey[] {
  const text = (key: ObjectKey) =>
    [key.apiVersion, key.kind, key.namespace, key.name].join('|');
  return [...new Map([...one, ...other].map(key => [text(key), key])).values()];
}
