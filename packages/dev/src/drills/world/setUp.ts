import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  adminConfig,
  prepareCluster,
  SERVERS_NAMESPACE,
  writeBackendKubeconfig,
} from '../../clusters/access.ts';
import type { UsedCluster } from '../../clusters/types.ts';
import { buildImages } from '../../portal/images.ts';
import { OIDC, startOidc } from '../../portal/services.ts';
import { signIn } from '../../portal/session.ts';
import {
  portalEnvironment,
  portsFrom,
  type Ports,
} from '../../portal/settings.ts';
import { secretsOf, stateDir } from '../../portal/stateDir.ts';
import { waitForPeople } from '../../portal/waitForPeople.ts';
import { run } from '../../../../dev-cluster/src/system/exec.ts';
import { stop } from '../../system/detached.ts';
import { step } from '../../../../dev-cluster/src/system/steps.ts';
import { startPostgres } from '../../testing/postgres.ts';
import type { Undo } from '../../undo.ts';
import { Backend } from './Backend.ts';
import { Kube } from './Kube.ts';
import { Person } from './Person.ts';
import type { Surroundings } from './World.ts';

const program = readFileSync(
  new URL('../server/drillServer.mjs', import.meta.url),
  'utf8',
);

/** Brings up what the drills need beside the cluster. What is started is put on the list of `undo`. */
export async function setUp(
  cluster: UsedCluster,
  undo: Undo,
  own: { name: string; port: number },
): Promise<Surroundings> {
  const { registry } = cluster;
  if (!registry) {
    throw new Error('The drills need a registry that the cluster pulls from.');
  }
  const access = await step('rights', () => prepareCluster(cluster));
  const images = await step('images', () =>
    buildImages(registry, cluster.kind === 'kind'),
  );
  const database = await step('PostgreSQL', () => startPostgres(undo));

  const kube = new Kube(adminConfig(cluster), SERVERS_NAMESPACE);
  // Taken back last, when no backend writes any more.
  undo.add('deleted the servers for drills', () => kube.clear('drill-'));
  const secrets = secretsOf(stateDir(own.name));
  const ports = portsFrom(own.port);
  const embeddedPorts = portsFrom(own.port + 3);
  const backend = (
    name: string,
    at: Ports,
    more: Record<string, string> = {},
  ) => {
    const state = stateDir(name);
    writeBackendKubeconfig(state.kubeconfig, access);
    const environment = portalEnvironment({
      ports: at,
      state,
      secrets,
      cluster,
      access,
      namespace: SERVERS_NAMESPACE,
      images,
    });
    const made = new Backend(state, at, {
      ...environment,
      ...more,
      // When a debugger is asked for, at a port that is free.
      NODE_OPTIONS: '--inspect-port=0',
    });
    undo.add(`stopped the backend of ${made.url}`, () => made.stop());
    return made;
  };
  const shared = {
    APP_CONFIG_backend_database_client: 'pg',
    APP_CONFIG_backend_database_connection: JSON.stringify(database.url),
  };
  const query = (sql: string) =>
    run('psql', [`${database.url}/backstage_plugin_mcp-cloud`, '-Atc', sql]);
  const world: Surroundings = {
    cluster,
    images,
    kube,
    database,
    first: backend(own.name, ports, shared),
    second: backend(
      `${own.name}-second`,
      { ...ports, portal: own.port + 2 },
      shared,
    ),
    embedded: backend(`${own.name}-embedded`, embeddedPorts),
    person: async (id, at = world.first) =>
      new Person(at.url, await signIn(at.ports, id)),
    query,
    rows: async <T>(of: Backend, sql: string) => {
      if (of === world.embedded) {
        const file = join(of.state.database, 'mcp-cloud.sqlite');
        const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
        try {
          return db.prepare(sql).all() as T[];
        } finally {
          db.close();
        }
      }
      return JSON.parse(
        await query(`select coalesce(json_agg(t), '[]') from (${sql}) t`),
      ) as T[];
    },
    spec: (name, more) => ({
      name,
      owner: 'group:default/team-a',
      cluster: cluster.name,
      image: images.hello.ref,
      command: ['node', '--input-type=module', '-e', program],
      ...more,
    }),
  };
  // Databases begin empty, so what a run before left behind, when it was killed, is nobody's.
  rmSync(world.embedded.state.database, { recursive: true, force: true });
  await kube.clear('drill-');
  // A provider knows one portal only.
  for (const one of [world.first, world.embedded]) {
    await step('sign-in provider', () =>
      startOidc(one.state, one.ports, secrets),
    );
    undo.add('stopped a sign-in provider', () => stop(one.state.pid(OIDC)));
  }
  await step('backend', async () => {
    await world.first.start();
    await waitForPeople(ports);
  });
  return world;
}
