import { createHash } from 'node:crypto';
import {
  ANN,
  bob,
  spec,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';
import { ServerKeys } from '../servers/ServerKeys';

jest.setTimeout(30_000);

describe('keys over REST', () => {
  let rest: TestRest;
  beforeEach(async () => {
    rest = await testRest();
  });
  afterEach(() => rest.stop());

  const path = '/servers/weather/keys';
  const make = (name = 'a script', as?: string) =>
    rest.send('post', path, { name, scopes: ['read'] }, as);
  const hashes = async () => {
    const [{ id }] = await rest.knex('servers').select('id');
    return new ServerKeys(rest.knex).hashes(id);
  };

  it('are shown once, kept as hashes, told to the bridges and ended', async () => {
    await rest.made({ auth: 'keys' });
    const { status, body, headers } = await make();
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toMatchObject({
      name: 'a script',
      scopes: ['read'],
      createdBy: ANN,
      key: expect.stringMatching(/^mcpk_[\w-]{43}$/),
      operation: { kind: 'rotate' },
    });
    expect(await rest.settled(body.operation.id)).toMatchObject({
      state: 'succeeded',
    });
    expect(await hashes()).toEqual([
      {
        id: body.id,
        hash: createHash('sha256').update(body.key).digest('hex'),
        scopes: ['read'],
      },
    ]);
    const { body: list } = await rest.get(path);
    const { key, operation, ...shown } = body;
    expect(list.items).toEqual([shown]);
    // Nothing that is kept or shown has the key.
    const tables = ['server_keys', 'operations', 'audit_events'];
    const kept = await Promise.all(tables.map(table => rest.knex(table)));
    expect(JSON.stringify([kept, list])).not.toContain(key);

    const ended = await rest.send('delete', `${path}/${body.id}`);
    expect(ended.status).toBe(202);
    await rest.settled(ended.body.operation.id);
    expect(await hashes()).toEqual([]);
    expect((await rest.send('delete', `${path}/${body.id}`)).status).toBe(404);
  });

  it('are for servers with auth: keys, and for those who may change them', async () => {
    await rest.made();
    const refused = await make();
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toMatch(/auth: platform.*auth: keys/);
    await rest.put('weather', '*', { spec: spec({ auth: 'keys' }) });
    expect((await make('x', bob)).status).toBe(403);
    expect((await rest.get(path, bob)).status).toBe(403);
    expect((await rest.send('delete', `${path}/x`, {}, bob)).status).toBe(403);
    expect((await rest.send('post', path, { name: '' })).status).toBe(400);
    expect(
      (await rest.audited()).map(({ event, outcome }) => [event, outcome]),
    ).toEqual(
      expect.arrayContaining([
        ['key-create', 'failed'],
        ['key-create', 'refused'],
        ['key-list', 'refused'],
        ['key-end', 'refused'],
      ]),
    );
  });

  it('go with their server', async () => {
    await rest.made({ auth: 'keys' });
    await make();
    const { body } = await rest.send('delete', '/servers/weather');
    await rest.settled(body.operation.id);
    expect(await rest.knex('server_keys')).toEqual([]);
  });
});
