import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BACKEND } from '../portal/services.ts';
import { waitForPeople } from '../portal/waitForPeople.ts';
import { run } from '../../../dev-cluster/src/system/exec.ts';
import type { Backend } from './world/Backend.ts';
import { serverCollections } from './world/Kube.ts';
import { Person } from './world/Person.ts';
import type { Operation } from './world/restModel.ts';
import { removeServer } from './world/withServer.ts';
import type { Drill, World } from './world/World.ts';

const SERVER = 'drill-hidden';
const SECRETS = 'api/v1/secrets';

/** A value that occurs nowhere by chance, nor does its beginning, which is what a cut message would hold. */
const aValue = () => `hidden${randomBytes(24).toString('hex')}`;
const BEGINNING = 'hidden'.length + 12;

/** How a value may be written where somebody keeps it. */
function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value.slice(0, BEGINNING),
    bytes.toString('hex'),
    // Without what depends on the characters before and after it.
    ...[0, 1, 2].map(before =>
      Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .slice(4, -4),
    ),
  ];
}

const holds = (text: string, value: string) =>
  spellings(value).some(spelling => text.includes(spelling));

/** Whether a key in JSON, which may stand in a text of JSON, has this part in the clear: `x` is public, `d` is not. */
const holdsKey = (text: string, part: 'x' | 'd') =>
  new RegExp(String.raw`"${part}\\*"\s*:\s*\\*"[\w-]{40}`).test(text);

/** Somebody whose answers are kept. */
class Listener extends Person {
  readonly heard: string[] = [];

  override async send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) {
    const answer = await super.send<T>(method, path, body, headers);
    this.heard.push(JSON.stringify(answer.body));
    return answer;
  }
}

/** All rows of all plugins. */
async function tables({ database: { url } }: World): Promise<string> {
  const names = await run('psql', [
    `${url}/postgres`,
    '-Atc',
    "select datname from pg_database where datname like 'backstage_plugin_%'",
  ]);
  const dumps = await Promise.all(
    names
      .trim()
      .split('\n')
      .map(name => run('pg_dump', ['--data-only', `${url}/${name}`])),
  );
  return dumps.join('\n');
}

/** The same of a backend that keeps them in files, with rows that were deleted and not yet written over. */
const files = ({ embedded: { state } }: World) =>
  readdirSync(state.database)
    .map(name => readFileSync(join(state.database, name), 'utf8'))
    .join('\n');

/** All objects of the namespace with what happened to them, but for those that are made to hold secrets. */
async function objects({ kube }: World): Promise<string> {
  const found = await Promise.all(
    [...serverCollections, 'api/v1/events']
      .filter(collection => collection !== SECRETS)
      .map(collection => kube.list(collection)),
  );
  return JSON.stringify(found);
}

const readings = [
  '/servers',
  `/servers/${SERVER}`,
  ...[
    'status',
    'pods',
    'events',
    'manifests',
    'drift',
    'revisions',
    'revisions/1',
    'revisions/2/diff?against=1',
    'operations',
  ].map(part => `/servers/${SERVER}/${part}`),
];

/** Everything that has to do with a server's secrets, right and wrong. */
async function handleSecrets(
  world: World,
  { alice, bob, carol }: Record<'alice' | 'bob' | 'carol', Person>,
  values: string[],
  shown: string,
): Promise<void> {
  const [first, second, refused] = values;
  const spec = world.spec(SERVER, {
    secrets: ['TOKEN'],
    env: { SHOWN: shown },
  });
  const secretValues = { TOKEN: first };
  const wrong = { spec, secretValues: { TOKEN: refused } };
  for (const [who, body, status] of [
    [bob, wrong, 403],
    [alice, { ...wrong, secretValues: { OTHER: refused } }, 400],
    [alice, { ...wrong, secretValues: { TOKEN: [refused] } }, 400],
    [alice, { ...wrong, spec: { ...spec, command: [] }, more: refused }, 400],
  ] as const) {
    const answer = await who.send('POST', '/servers', body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
  }
  await alice.done(await alice.deploy(spec, { secretValues }));
  const update = async (changed: object) => {
    const { etag } = await alice.server(SERVER);
    const answer = await alice.send<{ operation: Operation }>(
      'PUT',
      `/servers/${SERVER}`,
      changed,
      { 'If-Match': etag },
    );
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body.operation;
  };
  await alice.done(await update({ spec, secretValues: { TOKEN: second } }));
  for (const path of readings) {
    await alice.ask('GET', path);
  }
  await alice.ask('POST', `/servers/${SERVER}/preview`, {
    action: 'update',
    spec,
    newSecretValues: true,
  });
  await carol.ask('GET', '/audit');
  await carol.ask('GET', '/export');
  // One that fails after its Secret was written.
  const failed = await alice.ended(
    await update({
      spec: { ...spec, command: ['node', '-e', 'process.exit(3)'] },
      secretValues: { TOKEN: refused },
    }),
  );
  assert.equal(failed.state, 'failed');
  await alice.operations(SERVER);
}

/** Looks everywhere for what was told to one backend. */
async function search(
  world: World,
  backend: Backend,
  kept: string,
  readAll: () => string | Promise<string>,
): Promise<void> {
  const { kube, report } = world;
  const listeners = await Promise.all(
    ['alice', 'bob', 'carol'].map(
      async id =>
        new Listener(backend.url, (await world.person(id, backend)).token),
    ),
  );
  const [alice, bob, carol] = listeners;
  const values = [aValue(), aValue(), aValue()];
  const shown = aValue();
  await removeServer(alice, SERVER);
  try {
    await report.check(`${kept}: secrets are set, changed and refused`, () =>
      handleSecrets(world, { alice, bob, carol }, values, shown),
    );
    const database = await readAll();
    await report.check(
      `a variable that is no secret is found in ${kept}, so is a public key, and each secret that was taken in its Secret`,
      async () => {
        assert.ok(holds(database, shown), 'the variable');
        assert.ok(holdsKey(database, 'x'), 'the key');
        const secrets = JSON.stringify(await kube.list(SECRETS));
        assert.ok(holds(secrets, values[1]), 'the secret');
      },
    );
    const places = {
      answers: listeners.flatMap(({ heard }) => heard).join('\n'),
      [kept]: database,
      'the log of the backend': readFileSync(
        backend.state.log(BACKEND),
        'utf8',
      ),
      'objects of the cluster': await objects(world),
    };
    const { environment } = backend;
    const hidden = {
      ...Object.fromEntries(values.map((value, index) => [index, value])),
      keys: environment.MCP_CLOUD_KEYS_SECRET,
      sessions: environment.MCP_CLOUD_SESSION_SECRET,
      'sign-in': environment.MCP_CLOUD_OIDC_SECRET,
    };
    for (const [place, text] of Object.entries(places)) {
      await report.check(`no secret is in ${place}`, async () => {
        report.figure(`${text.length} characters`);
        const found = Object.entries(hidden)
          .filter(([, value]) => holds(text, value))
          .map(([name]) => name);
        assert.deepEqual(found, []);
        assert.ok(!holdsKey(text, 'd'), 'a private key');
      });
    }
  } finally {
    await removeServer(alice, SERVER);
  }
}

/** A secret is in the Secret that was made for it, and nowhere else. */
export const hiddenValues: Drill = {
  title: 'values of secrets, in answers, tables, logs and objects',
  async run(world) {
    const { first, embedded } = world;
    await search(world, first, 'tables of PostgreSQL', () => tables(world));
    await embedded.start();
    await waitForPeople(embedded.ports);
    await search(world, embedded, 'files of SQLite', () => files(world));
    await embedded.stop();
  },
};
