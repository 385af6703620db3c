import { mockServices } from '@backstage/backend-test-utils';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Knex } from 'knex';
import { migrationsDirectory } from '../database/migrate';
import { testDatabases } from '../__testUtils__/testDatabases';
import { readKeySecret } from './readKeySecret';
import { seal, unseal } from './seal';
import { SigningKeys } from './SigningKeys';
import { SigningKeyStore } from './SigningKeyStore';

const SECRET = 'a secret of enough characters for a test';
const SERVER = { id: 'server-1', tokensNotBefore: 0 };
const databases = testDatabases();

describe.each(databases.eachSupportedId())('SigningKeys on %s', id => {
  let knex: Knex;
  beforeEach(async () => {
    knex = await databases.init(id);
    await knex.migrate.latest({ directory: migrationsDirectory() });
  });

  it('agree when replicas start at once, and outlive a restart', async () => {
    const replicas = await Promise.all(
      [1, 2, 3, 4].map(() =>
        SigningKeys.create(new SigningKeyStore(knex, SECRET)),
      ),
    );
    const kids = replicas.map(keys => keys.publicKeys().map(key => key.kid));
    expect(kids[0]).toHaveLength(2);
    expect(new Set(kids.map(String)).size).toBe(1);

    const { token } = await replicas[0].sign({
      audience: 'server-1',
      subject: 'user:default/ann',
      ttlSeconds: 60,
    });
    const later = await SigningKeys.create(new SigningKeyStore(knex, SECRET));
    await expect(later.verify(token, SERVER)).resolves.toMatchObject({
      subject: 'user:default/ann',
    });
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'EdDSA',
      kid: kids[0][0],
    });
    expect(decodeJwt(token)).toMatchObject({
      iss: 'mcp-cloud',
      aud: 'server-1',
      sub: 'user:default/ann',
    });
  });

  it('keep private halves sealed, and say so when the secret is another one', async () => {
    await SigningKeys.create(new SigningKeyStore(knex, SECRET));
    expect(JSON.stringify(await knex('signing_keys').select())).not.toContain(
      '"d"',
    );
    await expect(
      SigningKeys.create(new SigningKeyStore(knex, `${SECRET}!`)),
    ).rejects.toThrow('sealed with another secret than mcpCloud.keys.secret');
  });

  it('refuse tokens for other servers, revoked, expired, altered and foreign ones', async () => {
    const keys = await SigningKeys.create(new SigningKeyStore(knex, SECRET));
    const sign = (ttlSeconds: number) =>
      keys.sign({
        audience: 'server-1',
        subject: 'user:default/ann',
        ttlSeconds,
      });
    const { token } = await sign(60);
    await expect(
      keys.verify(token, { ...SERVER, id: 'server-2' }),
    ).rejects.toThrow('not valid');
    await expect(
      keys.verify(token, { ...SERVER, tokensNotBefore: Date.now() / 1000 + 5 }),
    ).rejects.toThrow('revoked');
    await expect(keys.verify((await sign(-5)).token, SERVER)).rejects.toThrow(
      'not valid',
    );
    await expect(
      keys.verify(`${token.slice(0, -8)}AAAAAAAA`, SERVER),
    ).rejects.toThrow('not valid');
    await expect(keys.verify('not a token', SERVER)).rejects.toThrow(
      'not valid',
    );
  });

  it('rotate: the next key signs, one more is known, and tokens of the former key stay good', async () => {
    const one = await SigningKeys.create(new SigningKeyStore(knex, SECRET));
    const two = await SigningKeys.create(new SigningKeyStore(knex, SECRET));
    const before = await one.sign({
      audience: 'server-1',
      subject: 'user:default/ann',
      ttlSeconds: 60,
    });
    const [first, second] = one.publicKeys();

    expect(await one.rotate(3_600_000)).toBe(false);
    await new Promise(resolve => setTimeout(resolve, 20));
    const rotated = await Promise.all([one.rotate(0), two.rotate(3_600_000)]);
    expect(rotated).toEqual([true, false]);

    await new Promise(resolve => setTimeout(resolve, 20));
    const after = await one.sign({
      audience: 'server-1',
      subject: 'user:default/ann',
      ttlSeconds: 60,
    });
    expect(decodeProtectedHeader(after.token).kid).toBe(second.kid);
    expect(one.publicKeys().map(key => key.kid)).toEqual([
      first.kid,
      second.kid,
      expect.any(String),
    ]);
    for (const { token } of [before, after]) {
      await expect(two.verify(token, SERVER)).resolves.toMatchObject({
        subject: 'user:default/ann',
      });
    }
  });
});

describe('seal', () => {
  it('opens only with the same secret, context and bytes', () => {
    const sealed = seal('private', SECRET, 'kid');
    expect(unseal(sealed, SECRET, 'kid')).toBe('private');
    expect(() => unseal(sealed, 'other', 'kid')).toThrow();
    expect(() => unseal(sealed, SECRET, 'other')).toThrow();
    const other = sealed.startsWith('A') ? 'B' : 'A';
    expect(() => unseal(`${other}${sealed.slice(1)}`, SECRET, 'kid')).toThrow();
  });
});

describe('readKeySecret', () => {
  const read = (keys: object) =>
    readKeySecret(
      mockServices.rootConfig({ data: { mcpCloud: { keys } } }),
      mockServices.logger.mock(),
    );

  it('wants a secret of some length', () => {
    expect(read({ secret: SECRET })).toBe(SECRET);
    expect(() => read({ secret: 'short' })).toThrow('needs at least 32');
    expect(() => read({})).toThrow('mcpCloud.keys.secret is missing');
  });

  it('makes one up only when told so, and never in production', () => {
    expect(read({ insecureDevelopmentSecret: true })).toEqual(
      expect.any(String),
    );
    const { NODE_ENV } = process.env;
    try {
      Object.assign(process.env, { NODE_ENV: 'production' });
      expect(() => read({ insecureDevelopmentSecret: true })).toThrow(
        'refused in production',
      );
    } finally {
      Object.assign(process.env, { NODE_ENV });
    }
  });
});
