import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { clusterOf } from '../clusters/clusterOf';
import type { Clusters } from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { SecretStore } from '../delivery/types';
import type { Revision } from './Revision';
import type { SecretVersions } from './SecretVersions';

/** No request lives that long; one that did all the same would be refused, and told to try again. */
const ABANDONED_AFTER_MS = 2 * 60_000;

/** A server that there is or that is about to be made. */
interface ServerPlace {
  id: string;
  name: string;
  cluster: string;
  namespace: string;
}

/** Takes secret values to the cluster before a change is accepted, and takes back what no change came to use. */
export class ServerSecrets {
  readonly #versions: SecretVersions;
  readonly #store: SecretStore;
  readonly #clusters: Clusters;
  readonly #logger: LoggerService;

  constructor(options: {
    versions: SecretVersions;
    store: SecretStore;
    clusters: Clusters;
    logger: LoggerService;
  }) {
    this.#versions = options.versions;
    this.#store = options.store;
    this.#clusters = options.clusters;
    this.#logger = options.logger;
  }

  /** Throws when values are missing, or given for what the Spec does not name. */
  static check(spec: ServerSpec, values: Record<string, string>): void {
    const missing = spec.secrets.filter(name => !Object.hasOwn(values, name));
    const strange = Object.keys(values).filter(
      name => !spec.secrets.includes(name),
    );
    const problems = [
      ...missing.map(
        name => `secretValues.${name}: The value of this secret is missing.`,
      ),
      ...strange.map(
        name =>
          `secretValues.${name}: spec.secrets does not name it. Add it there, or leave it out here.`,
      ),
    ];
    if (problems.length) {
      throw new InputError(problems.join(' '));
    }
  }

  /** Writes a new version; 503 when the cluster cannot take it now. */
  async put(
    server: ServerPlace,
    values: Record<string, string>,
  ): Promise<number> {
    const cluster = clusterOf(this.#clusters, server);
    const health = await cluster.settledHealth();
    if (health.state === 'unreachable') {
      throw unavailable(server.cluster, health.reason);
    }
    const names = Object.keys(values);
    let version = await this.#versions.reserve(server, names);
    try {
      while (!(await this.#store.put(cluster, server, version, values))) {
        // From a time that this database, restored from a backup, does not know. Pods may use it: it stays.
        await this.#versions.forget({ server_id: server.id, version });
        version = await this.#versions.reserve(server, names, version);
      }
    } catch (error) {
      if ((error as Error).name === 'ConflictError') {
        // The Secret of this name is somebody else's, so it must not be removed.
        await this.#versions.forget({ server_id: server.id, version });
        throw error;
      }
      await this.discard(server, version);
      throw unavailable(server.cluster, (error as Error).message);
    }
    return version;
  }

  /** The version that an update is to use: a new one when values are given, or else the present one. */
  async forUpdate(
    row: ServerRow,
    spec: ServerSpec,
    values: Record<string, string> | undefined,
  ): Promise<{ version?: number; isNew: boolean }> {
    if (values) {
      ServerSecrets.check(spec, values);
    }
    if (spec.secrets.length === 0) {
      return { isNew: false };
    }
    if (values) {
      return { version: await this.put(row, values), isNew: true };
    }
    const version = row.secret_version;
    const known =
      version === null ? [] : await this.#versions.names(row.id, version);
    const missing = spec.secrets.filter(name => !known.includes(name));
    if (missing.length) {
      throw new InputError(
        `secretValues: ${missing.join(
          ', ',
        )} has no value yet. Values cannot be read back, so give all of ` +
          `spec.secrets anew (${spec.secrets.join(
            ', ',
          )}), or none when none is new.`,
      );
    }
    return { version: version ?? undefined, isNew: false };
  }

  /**
   * The version that going back to a revision is to use: its own, or the present one when that went with a cluster
   * that the server has left.
   */
  async forRollback(
    row: ServerRow,
    { spec, secretVersion }: Pick<Revision, 'spec' | 'secretVersion'>,
  ): Promise<number | undefined> {
    if (
      secretVersion !== undefined &&
      (await this.#versions.names(row.id, secretVersion)).length
    ) {
      return secretVersion;
    }
    return (await this.forUpdate(row, spec, undefined)).version;
  }

  /** Marks a new version, if there is one, as used by the revision that the transaction adds. */
  async activate(
    trx: Knex.Transaction,
    server: { id: string },
    version: number | undefined,
  ): Promise<void> {
    if (
      version !== undefined &&
      !(await this.#versions.activate(trx, server.id, version))
    ) {
      throw new ConflictError(
        'This took so long that the secrets were taken back. Try again.',
      );
    }
  }

  /** Takes a new version back when the change that was to use it is refused. */
  async takeBackOnFailure<T>(
    server: ServerPlace,
    version: number | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (version !== undefined) {
        await this.discard(server, version);
      }
      throw error;
    }
  }

  /** Takes a version back that nothing uses. What fails here is done later by `collect`. */
  async discard(server: ServerPlace, version: number): Promise<void> {
    try {
      await this.#store.remove(
        clusterOf(this.#clusters, server),
        { name: server.name },
        version,
      );
      await this.#versions.forget({ server_id: server.id, version });
    } catch (error) {
      this.#logger.warn(
        `Version ${version} of the secrets of ${server.name} is left over for now`,
        error as Error,
      );
    }
  }

  /** Removes versions that a crash left behind. */
  async collect(): Promise<void> {
    for (const row of await this.#versions.listAbandoned(ABANDONED_AFTER_MS)) {
      await this.discard(
        {
          id: row.server_id,
          name: row.server_name,
          cluster: row.cluster,
          namespace: row.namespace,
        },
        row.version,
      );
    }
  }
}

function unavailable(cluster: string, why: string | undefined) {
  return new ServiceUnavailableError(
    `The secrets cannot be stored now, because the cluster "${cluster}" does not take them. ${
      why ?? ''
    } ` + 'Nothing was changed; try again later.',
  );
}
