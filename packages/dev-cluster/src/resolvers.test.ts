import { findResolvers } from './resolvers.ts';

describe('findResolvers', () => {
  it('takes what the machine uses', () => {
    expect(
      findResolvers('nameserver 10.0.0.2\nnameserver 10.0.0.3\n', ''),
    ).toEqual({
      upstream: ['10.0.0.2', '10.0.0.3'],
      local: [],
    });
  });
  it('looks behind a resolver on loopback', () => {
    const main = '# stub\nnameserver 127.0.0.53\noptions edns0\n';
    expect(findResolvers(main, 'nameserver 192.168.1.1\n')).toEqual({
      upstream: ['192.168.1.1'],
      local: ['127.0.0.53'],
    });
    expect(findResolvers(main, '').upstream).toEqual([]);
  });
});
