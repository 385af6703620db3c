import { createServer, type AddressInfo } from 'node:net';
import { openAddresses, openIn } from './listeners';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue';
const row = (local: string, state = '0A') =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000`;

describe('listeners', () => {
  it.each([
    ['0100007F:0BB8', []],
    ['3500007F:0BB8', []],
    ['00000000000000000000000001000000:0BB8', []],
    ['0000000000000000FFFF00000100007F:0BB8', []],
    ['00000000:0BB8', ['0.0.0.0']],
    ['0205A8C0:0BB8', ['192.168.5.2']],
    ['00000000000000000000000000000000:0BB8', ['[::]']],
    ['B80D0120000000000000000001000000:0BB8', ['[2001:db8:0:0:0:0:0:1]']],
    ['0000000000000000FFFF00000205A8C0:0BB8', ['[0:0:0:0:0:ffff:c0a8:502]']],
    ['00000000:0BB9', []],
  ])('tells what is open from what is not: %s', (local, open) => {
    expect(openIn(`${HEAD}\n${row(local)}\n`, 3000)).toEqual(open);
  });

  it('counts only what listens', () => {
    expect(openIn(`${HEAD}\n${row('00000000:0BB8', '01')}\n`, 3000)).toEqual(
      [],
    );
    expect(openIn('', 3000)).toEqual([]);
  });

  it.each([
    ['127.0.0.1', []],
    ['0.0.0.0', ['0.0.0.0']],
  ])('sees a real one at %s', async (host, open) => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    expect(await openAddresses(port)).toEqual(open);
    await new Promise(resolve => server.close(resolve));
  });
});
