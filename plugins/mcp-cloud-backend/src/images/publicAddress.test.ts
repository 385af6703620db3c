import { isPublicAddress } from './publicAddress';

describe('isPublicAddress', () => {
  it.each(['93.184.216.34', '2606:4700::1111'])('is %s', address => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:93.184.216.34',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'example.com',
  ])('is not %s', address => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
