import type { Arguments } from './arguments.ts';
import { addToEmbedded } from './clusters/embedded.ts';
import { startCluster, type UsedCluster } from './clusters/index.ts';
import { goOn } from './interrupt.ts';
import { people } from './people.ts';
import { buildApp } from './portal/appBuild.ts';
import { deployExample, EXAMPLE } from './portal/exampleServer.ts';
import { buildImages, someBuilt, type Images } from './portal/images.ts';
import { installPackages } from './portal/install.ts';
import { readRecord, writeRecord } from './portal/record.ts';
import { BACKEND, OIDC, startBackend, startOidc } from './portal/services.ts';
import {
  baseEnvironment,
  portalEnvironment,
  portalUrl,
  portsFrom,
  type Ports,
} from './portal/settings.ts';
import { waitForPeople } from './portal/waitForPeople.ts';
import { secretsOf, stateDir } from './portal/stateDir.ts';
import { running, stop } from './system/detached.ts';
import { elapsed, say, step } from '../../dev-cluster/src/system/steps.ts';
import type { Undo } from './undo.ts';
import { watch } from './watch.ts';

export interface UpOptions
  extends Pick<
    Arguments,
    'name' | 'port' | 'kubeconfig' | 'context' | 'registry' | 'watch'
  > {
  /** Whether a server is deployed to look at. */
  example: boolean;
}

export interface Portal {
  url: string;
  ports: Ports;
  cluster: UsedCluster;
  images?: Images;
}

/** The next step, unless there was an interrupt: while things are being stopped, nothing may be started. */
const next: typeof step = (...args) => {
  goOn();
  return step(...args);
};

const done = (did: string) => (changed: boolean) => changed ? did : 'already';

/** Brings everything up, from whatever condition it is in. What this run starts is put on the list of `undo`. */
export async function up(
  options: UpOptions,
  undo: Pick<Undo, 'add'>,
): Promise<Portal> {
  const begin = performance.now();
  const state = stateDir(options.name);
  const record = readRecord(state);
  const ports: Ports = {
    ...(options.port ? portsFrom(options.port) : record.ports),
  };
  if (options.watch) {
    ports.app = 3000;
  } else {
    delete ports.app;
  }
  say(`Bringing up MCP Cloud (${state.path})`);
  await next(`Node ${process.version}`, async () => {});
  await next('packages', installPackages, done('installed'));

  const cluster = await next(
    'cluster',
    () =>
      startCluster(options, record.cluster, stopIt =>
        undo.add('stopped the cluster', stopIt),
      ),
    ({ title, startedByUs }) =>
      `${title}, ${startedByUs ? 'started' : 'runs already'}`,
  );
  // Once started by us it stays ours to stop, also after an `up` that found it running.
  const ours =
    cluster.startedByUs ||
    (record.cluster?.name === cluster.name && record.cluster.startedByUs);
  const made =
    record.cluster?.name === cluster.name ? record.madeNamespaces ?? [] : [];
  const written = {
    ports,
    cluster: { ...cluster, startedByUs: ours },
    madeNamespaces: made,
  };
  writeRecord(state, written);

  // Needs packages that were not there before the installation.
  const { prepareCluster, writeBackendKubeconfig, SERVERS_NAMESPACE } =
    await import('./clusters/access.ts');
  const access = await next('namespaces, accounts and rights', () =>
    prepareCluster(cluster),
  );
  writeRecord(state, {
    ...written,
    madeNamespaces: [...made, ...access.madeNamespaces],
  });
  writeBackendKubeconfig(state.kubeconfig, access);

  const { registry } = cluster;
  const images = registry
    ? await next(
        'images',
        () => buildImages(registry, cluster.kind === 'kind'),
        built => done('built')(someBuilt(built)),
      )
    : undefined;
  if (!images) {
    say(
      '  – images: skipped, as no --registry was given that the cluster can pull from',
    );
  }

  const secrets = secretsOf(state);
  const environment = portalEnvironment({
    ports,
    state,
    secrets,
    cluster,
    access,
    namespace: SERVERS_NAMESPACE,
    images,
  });
  // Noted before the start, so that a start that is broken off is taken back too.
  const toBeStopped = (service: string) => {
    if (!running(state.pid(service))) {
      undo.add(`stopped the ${service}`, () => stop(state.pid(service)));
    }
  };
  toBeStopped(OIDC);
  await next(
    'sign-in provider',
    () => startOidc(state, ports, secrets),
    done('started'),
  );
  const leadIn = async ({ ingress, name }: UsedCluster) => {
    if (ingress) {
      await next(
        'ways in from outside',
        () => addToEmbedded(name, ['ingress', 'certificates']),
        () => `hosts below dev.localhost, by ${ingress.https}`,
      );
    }
  };
  if (options.watch) {
    await leadIn(cluster);
    await watch(state, environment);
  } else {
    const pages = await next(
      'pages',
      () => buildApp({ ...baseEnvironment(), ...environment }),
      ({ built }) => done('built')(built),
    );
    environment.MCP_CLOUD_APP_PACKAGE = pages.folder;
    toBeStopped(BACKEND);
    await next(
      'backend',
      () => startBackend(state, ports, environment),
      done('started'),
    );
    await next('people in the catalog', () => waitForPeople(ports));
    const image = images?.everything.ref;
    if (options.example && image) {
      await next(
        `server "${EXAMPLE}"`,
        () => deployExample(ports, cluster.name, image),
        done('deployed'),
      );
    }
    if (cluster.ingress) {
      // Last, as the first time it takes some minutes.
      say(`  The portal answers at ${portalUrl(ports)}`);
    }
    await leadIn(cluster);
  }
  say(`  up in ${elapsed(begin)}`);
  return { url: portalUrl(ports), ports, cluster, images };
}

/** What a person needs to know to begin. */
export function welcome(url: string): string {
  const who = people
    .map(({ name, role }) => `  ${name.padEnd(22)}${role}`)
    .join('\n');
  return `\nMCP Cloud is at ${url}\nSign in as one of\n${who}\n\nStop it with ./dev down`;
}
