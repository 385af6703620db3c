import assert from 'node:assert/strict';
import { waitForPeople } from '../portal/waitForPeople.ts';
import { until } from '../../../dev-cluster/src/system/wait.ts';
import type { Person } from './world/Person.ts';
import type { Operation } from './world/restModel.ts';
import { removeServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

type Accepted = Promise<Operation | undefined>;

/** A moment in the course of a deploy of a server. `reached` resolves at that moment. */
interface Moment {
  name: string;
  server: string;
  reached(world: World, person: Person, accepted: Accepted): Promise<unknown>;
}

/** When the first object of a server appears in a collection. */
async function appears(
  { kube }: World,
  collection: string,
  server: string,
): Promise<void> {
  let stop = () => {};
  await new Promise<void>((resolve, reject) => {
    kube
      .watch(collection, (type, { metadata }) => {
        if (type === 'ADDED' && metadata.name.startsWith(`mcp-${server}`)) {
          resolve();
        }
      })
      .then(end => {
        stop = end;
      }, reject);
  });
  stop();
}

const stepRuns =
  (step: string) =>
  async (_world: World, person: Person, accepted: Accepted) => {
    const operation = await accepted;
    await until(
      `step ${step}`,
      async () => {
        const path = `/operations/${operation?.id}`;
        const { steps } = await person.ask<Operation>('GET', path);
        return steps.some(one => one.name === step && one.state === 'running');
      },
      { seconds: 60, everyMs: 10 },
    );
  };

const moments: Moment[] = [
  {
    name: 'after secrets',
    server: 'drill-killed-secrets',
    reached(world) {
      return appears(world, 'api/v1/secrets', this.server);
    },
  },
  {
    name: 'after accept',
    server: 'drill-killed-accept',
    reached: (_world, _person, accepted) => accepted,
  },
  {
    name: 'mid apply',
    server: 'drill-killed-apply',
    reached(world) {
      return appears(world, 'api/v1/configmaps', this.server);
    },
  },
  {
    name: 'waiting for pods',
    server: 'drill-killed-pods',
    reached: stepRuns('pods'),
  },
  {
    name: 'at handshake',
    server: 'drill-killed-handshake',
    reached: stepRuns('handshake'),
  },
];

/** The cluster has to hold just what the database speaks of. */
async function agree(
  { kube }: World,
  person: Person,
  name: string,
): Promise<string> {
  const { status } = await person.send('GET', `/servers/${name}`);
  if (status === 404) {
    return 'was not accepted';
  }
  const server = await person.server(name);
  const operations = await person.operations(name);
  for (const { state, kind } of operations) {
    assert.equal(state, 'succeeded', `${kind} is ${state}`);
  }
  const deployment = await kube.deployment(name);
  const ready = await kube.readyPods(server.id);
  assert.equal(server.status.state, 'Running', server.status.message);
  assert.equal(deployment?.spec?.replicas, server.replicas);
  assert.equal(
    deployment?.metadata.annotations?.['mcp-cloud.io/revision'],
    String(server.revision),
  );
  assert.equal(ready.length, server.replicas);
  assert.equal(server.status.pods.ready, ready.length);
  const secrets = (await kube.objectsOf({ ...server })).filter(object =>
    object.includes(`/secrets/mcp-${name}--env-`),
  );
  assert.equal(secrets.length, 1, `Secrets: ${secrets.join(', ')}`);
  return 'Running, as the database says';
}

async function killAt(world: World, moment: Moment): Promise<void> {
  const { embedded, report } = world;
  const { name, server } = moment;
  const before = await world.person('alice', embedded);
  await removeServer(before, server);
  // Slow enough for the later moments to be met.
  const env = { START_DELAY_MS: '2000', LIST_DELAY_MS: '2000' };
  const spec = world.spec(server, { env, secrets: ['TOKEN'] });
  let accepted: Accepted = Promise.resolve(undefined);
  const reached = moment.reached(
    world,
    before,
    new Promise((resolve, reject) => {
      accepted = before
        .deploy(spec, { secretValues: { TOKEN: 'of a drill' } })
        .catch(() => undefined); // the answer may be lost with the backend
      accepted.then(resolve, reject);
    }),
  );
  await reached;
  await embedded.kill();
  const wasAccepted = (await accepted) !== undefined;
  const begin = performance.now();
  await embedded.start();
  const up = (performance.now() - begin) / 1000;
  const person = await world.person('alice', embedded);
  const operation = (
    await person.send<{ operation?: Operation }>('GET', `/servers/${server}`)
  ).body.operation;
  if (operation) {
    await person.ended(operation, 120);
  }
  const total = (performance.now() - begin) / 1000;
  const end = await agree(world, person, server);
  report.figure(
    `${name}: ${
      wasAccepted ? 'answered 202' : 'no answer'
    }; backend up after ${up.toFixed(
      1,
    )} s, operation at its end after ${total.toFixed(1)} s; ${end}`,
  );
  await removeServer(person, server);
}

/** A backend that dies at any moment of a deploy leaves an operation that the next one finishes. */
export const killedBackend: Drill = {
  title: 'kill -9 of the backend in the course of a deploy',
  async run(world) {
    await world.embedded.start();
    await waitForPeople(world.embedded.ports);
    for (const moment of moments) {
      await world.report.check(`kill -9 ${moment.name}`, () =>
        killAt(world, moment),
      );
    }
    await world.report.check('nothing is left of any of them', async () => {
      await until(
        'no object without a server',
        async () => {
          const left = await Promise.all(
            moments.map(({ server }) => world.kube.objectsOf({ name: server })),
          );
          return left.flat().length === 0;
        },
        // A Secret that no server came to use is collected after a while.
        { seconds: 400, everyMs: 1000 },
      );
    });
    await world.embedded.stop();
  },
};
