import { ConfigReader } from '@backstage/config';
import { readRegistries } from './readRegistries';

const read = (entry: object) =>
  readRegistries(new ConfigReader({ mcpCloud: { registries: [entry as {}] } }));

describe('readRegistries', () => {
  it('trusts no more than it is told', () => {
    expect(readRegistries(new ConfigReader({}))).toEqual([]);
    expect(read({ host: 'ghcr.io' })).toEqual([
      {
        host: 'ghcr.io',
        otherHosts: [],
        insecure: false,
        privateAddresses: false,
      },
    ]);
  });

  it('reads a login', () => {
    const login = { username: 'ann', password: 'p' };
    expect(read({ host: 'r', ...login })[0].login).toEqual(login);
    expect(read({ host: 'r', token: 't' })[0].login).toEqual({ token: 't' });
  });

  it.each([
    [{ host: 'https://r.example' }, /is no host/],
    [{ host: 'r.example/path' }, /is no host/],
    [{ host: 'r', otherHosts: ['a b'] }, /is no host/],
    [{ host: 'r', username: 'ann' }, /belong together/],
    [{ host: 'r', username: 'a', password: 'p', token: 't' }, /not both/],
  ])('refuses %j', (entry, message) => {
    expect(() => read(entry)).toThrow(message);
  });
});
