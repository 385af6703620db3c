import { randomUUID } from 'node:crypto';
import { ServiceUnavailableError } from '@backstage/errors';
import type {
  Preview,
  PreviewWarning,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { clusterOf } from '../clusters/clusterOf';
import type {
  ClusterConnection,
  Clusters,
  KubeObject,
} from '../clusters/types';
import type { ServerRow } from '../database/rows';
import type { ImageFacts } from '../images/types';
import type { DeliveryPreview, DryRun, ObjectKey } from '../delivery/types';
import { secretName } from '../manifests/names';
import type { RenderInput } from '../manifests/types';
import { renderInputOf } from '../operations/renderInputOf';
import { targetOf } from '../operations/targetOf';
import { NOTHING } from '../quota/amounts';
import { footprintOf } from '../quota/footprint';
import type { Quota, QuotaCheck } from '../quota/Quota';
import {
  normaliseSpec,
  refuseImmutable,
  refuseSameCluster,
} from '../servers/changeRules';
import {
  refuseUnsupported,
  type PlatformRules,
} from '../servers/platformRules';
import { checkInCluster } from '../servers/clusterChecks';
import type { Revision } from '../servers/Revision';
import type { RevisionStore } from '../servers/RevisionStore';
import type { ServerImages } from '../servers/ServerImages';
import type { SecretVersions } from '../servers/SecretVersions';
import type { ServerSecrets } from '../servers/ServerSecrets';
import { nameTaken, type ServerStore } from '../servers/ServerStore';
import { diffFields } from './diffFields';

/** What previews are made from. */
export interface ServerPreviewOptions {
  store: ServerStore;
  revisions: RevisionStore;
  secrets: ServerSecrets;
  secretVersions: SecretVersions;
  clusters: Clusters;
  delivery: DeliveryPreview;
  rules: PlatformRules;
  images: ServerImages;
  quota: Quota;
  /** What was applied of a server. */
  inventory: (serverId: string, cluster: string) => Promise<ObjectKey[]>;
  render: (
    input: RenderInput,
    cluster: ClusterConnection,
  ) => Promise<KubeObject[]>;
}

/**
 * Tells what a change would do, and changes nothing. Refuses what the change itself would be refused for; only what is
 * above a quota is told as a warning, so that people see by how much.
 */
export class ServerPreview {
  readonly #options: ServerPreviewOptions;

  constructor(options: ServerPreviewOptions) {
    this.#options = options;
  }

  async create(change: {
    spec: ServerSpec;
    replicas: number;
  }): Promise<Preview> {
    const { store, clusters, secretVersions } = this.#options;
    const spec = normaliseSpec(change.spec);
    refuseUnsupported(spec, this.#options.rules);
    const { namespaces } = clusters.get(spec.cluster);
    const cluster = clusterOf(clusters, {
      cluster: spec.cluster,
      namespace: namespaces.of(spec.owner),
    });
    if (await store.findByName(spec.name)) {
      throw nameTaken(spec.name);
    }
    const { facts: image, warnings } = await this.#options.images.check(spec);
    const secretVersion = spec.secrets.length
      ? await secretVersions.next(spec)
      : undefined;
    const id = randomUUID();
    const quota = await this.#options.quota.after(
      { id, owner: spec.owner },
      footprintOf(
        { ...change, runState: 'running', scaling: spec.scaling },
        spec,
      ),
    );
    const dryRun = await this.#dryRun(
      cluster,
      {
        id,
        spec,
        image,
        revision: 1,
        replicas: change.replicas,
        secretVersion,
        tokensNotBefore: 0,
      },
      secretVersion,
    );
    return toPreview('create', dryRun, quota, {
      spec: diffFields({}, spec),
      warnings,
    });
  }

  async update(
    row: ServerRow,
    change: {
      spec: ServerSpec;
      newSecretValues: boolean;
      image?: ImageFacts;
    },
  ): Promise<Preview> {
    const { clusters, secretVersions, revisions, images } = this.#options;
    const spec = normaliseSpec(change.spec);
    refuseImmutable(row, spec, clusters.get(row.cluster).namespaces);
    refuseUnsupported(spec, this.#options.rules);
    const { facts: image, warnings } = change.image
      ? { facts: change.image, warnings: [] }
      : await images.check(spec, await revisions.get(row.id, row.revision));
    const known =
      row.secret_version === null
        ? []
        : await secretVersions.names(row.id, row.secret_version);
    const missing = spec.secrets.filter(name => !known.includes(name));
    const isNew = change.newSecretValues || missing.length > 0;
    const present = isNew
      ? await secretVersions.next(row)
      : row.secret_version ?? undefined;
    const preview = await this.#change(
      'update',
      row,
      { spec, image, secretVersion: spec.secrets.length ? present : undefined },
      isNew,
    );
    preview.warnings.push(...warnings);
    if (missing.length && !change.newSecretValues) {
      preview.warnings.push({
        reason: 'MissingSecretValues',
        message: `${missing.join(
          ', ',
        )} has no value yet. Give all secrets new values with this change.`,
      });
    }
    return preview;
  }

  async rollback(row: ServerRow, number: number): Promise<Preview> {
    const { revisions, secrets } = this.#options;
    const revision = await revisions.get(row.id, number);
    const to = {
      ...revision,
      spec: { ...revision.spec, cluster: row.cluster },
      secretVersion: await secrets.forRollback(row, revision),
    };
    return this.#change('rollback', row, to, false);
  }

  /** What comes in the new cluster and goes in the one of now. */
  async move(row: ServerRow, name: string): Promise<Preview> {
    const { clusters, revisions, secretVersions } = this.#options;
    const cluster = clusterOf(clusters, {
      cluster: name,
      namespace: clusters.get(name).namespaces.of(row.owner),
    });
    refuseSameCluster(row, name);
    const before = await revisions.get(row.id, row.revision);
    const spec = { ...before.spec, cluster: name };
    const secretVersion = spec.secrets.length
      ? await secretVersions.next({ ...row, cluster: name })
      : undefined;
    const target = {
      ...targetOf(row),
      revision: row.revision + 1,
      secretVersion,
    };
    const [{ objects, warnings }, removed] = await Promise.all([
      this.#dryRun(
        cluster,
        renderInputOf(row, { ...before, spec }, target),
        secretVersion,
      ),
      this.#removal(row).catch(
        (): DryRun => ({
          objects: [],
          warnings: [
            {
              reason: 'NotVerified',
              message: `The cluster "${row.cluster}" does not answer. What is left there is removed when it does.`,
            },
          ],
        }),
      ),
    ]);
    const dryRun = {
      objects: [...objects, ...removed.objects],
      warnings: [...warnings, ...removed.warnings],
    };
    const quota = await this.#options.quota.after(
      row,
      footprintOf(targetOf(row), spec),
    );
    return toPreview('move', dryRun, quota, {
      spec: diffFields(before.spec, spec),
      warnings: [
        ...(spec.secrets.length
          ? [
              {
                reason: 'MissingSecretValues',
                message: `Values of secrets cannot be read back, so give them anew with this change: ${spec.secrets.join(
                  ', ',
                )}.`,
              },
            ]
          : []),
        {
          reason: 'EndsSessions',
          message:
            'When the server runs in the new cluster, its sessions in the old one end; clients reconnect by themselves.',
        },
      ],
    });
  }

  async delete(row: ServerRow): Promise<Preview> {
    const quota = await this.#options.quota.after(row, NOTHING);
    return toPreview('delete', await this.#removal(row), quota, {
      warnings: [
        {
          reason: 'EndsSessions',
          message:
            'Every session ends, secret values are removed, and tokens become void. This cannot be undone.',
        },
      ],
    });
  }

  /** What removing a server from its cluster does there. */
  async #removal(row: ServerRow): Promise<DryRun> {
    const { clusters, delivery, inventory, secretVersions } = this.#options;
    const cluster = clusterOf(clusters, row);
    const secrets = (await secretVersions.listOf(row.id)).filter(
      version => version.cluster === row.cluster,
    );
    const keys = [
      ...(await inventory(row.id, row.cluster)),
      ...secrets.map(({ version }) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        namespace: cluster.namespace,
        name: secretName(row.name, version),
      })),
    ];
    return inWords(row.cluster, () => delivery.remove(cluster, row, keys));
  }

  async #change(
    action: 'update' | 'rollback',
    row: ServerRow,
    to: Pick<Revision, 'spec' | 'image' | 'secretVersion'>,
    isNewVersion: boolean,
  ): Promise<Preview> {
    const { clusters, revisions, quota } = this.#options;
    const { spec, secretVersion } = to;
    const before = await revisions.get(row.id, row.revision);
    const revision = row.revision + 1;
    const dryRun = await this.#dryRun(
      clusterOf(clusters, row),
      renderInputOf(row, to, { ...targetOf(row), revision, secretVersion }),
      isNewVersion ? secretVersion : undefined,
    );
    const check = await quota.after(
      { id: row.id, owner: spec.owner },
      footprintOf({ ...targetOf(row), scaling: spec.scaling }, spec),
    );
    const runs = row.run_state === 'running';
    const restartsPods = runs && changesTemplate(dryRun);
    return toPreview(action, dryRun, check, {
      spec: diffFields(before.spec, spec),
      restartsPods,
      warnings: [
        ...(restartsPods
          ? [
              {
                reason: 'RestartsPods',
                message:
                  'Pods are replaced one after another, a new one being ready before an old one ends. Their sessions end; clients reconnect by themselves.',
              },
            ]
          : []),
        ...(runs
          ? []
          : [
              {
                reason: 'StaysStopped',
                message: 'The server is stopped and stays so.',
              },
            ]),
      ],
    });
  }

  async #dryRun(
    cluster: ClusterConnection,
    input: RenderInput,
    newSecretVersion: number | undefined,
  ): Promise<DryRun> {
    const { delivery, inventory, render, rules } = this.#options;
    const objects = await render(input, cluster);
    const secrets =
      newSecretVersion === undefined
        ? []
        : [secretName(input.spec.name, newSecretVersion)];
    const known = await inventory(input.id, cluster.name);
    const { objects: changes, warnings } = await inWords(
      cluster.name,
      async () => {
        await checkInCluster(cluster, input.spec, rules);
        return delivery.apply(cluster, objects, known, secrets);
      },
    );
    const made = secrets.map(name => ({
      kind: 'Secret',
      name,
      change: 'added' as const,
      fields: [],
    }));
    return { objects: [...made, ...changes], warnings };
  }
}

async function inWords<T>(cluster: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KubeApiError && error.unreachable) {
      throw new ServiceUnavailableError(
        `What this would do cannot be found out now, because the cluster "${cluster}" does not answer. ${error.message}`,
      );
    }
    throw error;
  }
}

function changesTemplate({ objects }: DryRun): boolean {
  return objects.some(
    ({ kind, fields }) =>
      kind === 'Deployment' &&
      fields.some(({ path }) => path.startsWith('spec.template')),
  );
}

const UNVERIFIED = new Set(['Refused', 'NotVerified', 'NameTaken']);

function toPreview(
  action: Preview['action'],
  dryRun: DryRun,
  { quota, problem }: QuotaCheck,
  rest: Partial<Pick<Preview, 'spec' | 'restartsPods'>> & {
    warnings?: PreviewWarning[];
  },
): Preview {
  const { warnings = [], spec = [], restartsPods = false } = rest;
  return {
    action,
    spec,
    objects: dryRun.objects,
    restartsPods,
    verified: !dryRun.warnings.some(({ reason }) => UNVERIFIED.has(reason)),
    quota,
    // What speaks against the change comes first.
    warnings: [
      ...(problem ? [{ reason: 'QuotaExceeded', message: problem }] : []),
      ...dryRun.warnings,
      ...warnings,
    ],
  };
}
