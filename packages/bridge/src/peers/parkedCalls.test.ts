import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send, textOf } from '../__testUtils__/client';
import { ModernClient, neededBy } from '../__testUtils__/modernClient';
import { buildProgram, Program } from '../__testUtils__/program';
import {
  ADDRESSES,
  commonPort,
  RoundRobin,
  secretFile,
  startReplica,
} from '../__testUtils__/replicas';

const [A, B] = ADDRESSES;
const capabilities = { sampling: {} };
const answer = { model: 'none', role: 'assistant', content: { text: 'hi' } };

// Programs are built and started.
jest.setTimeout(60_000);

describe('calls that wait for input, behind one address', () => {
  const service = new RoundRobin();
  const replicas: Program[] = [];
  let port: number;
  let client: ModernClient;
  const through = (...addresses: string[]) => {
    service.targets = addresses.map(host => ({ host, port }));
  };
  const askAt = (address: string) => {
    through(address);
    return client.call('sample', {}, { capabilities });
  };

  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bridge-parked-'));
    const bundle = join(dir, 'mcp-bridge.mjs');
    const secret = secretFile();
    await buildProgram(bundle);
    await service.start();
    port = await commonPort();
    const peersPort = await commonPort();
    for (const address of [A, B])
      replicas.push(
        await startReplica({ bundle, port, peersPort, secret, address }),
      );
    client = new ModernClient(service.port);
  });
  afterAll(() => {
    service.stop();
    for (const replica of replicas) replica.signal('SIGKILL');
  });

  it('go on wherever their input is brought', async () => {
    const asked = await askAt(A);
    expect(asked.messages[0].result).toMatchObject({
      resultType: 'input_required',
    });
    through(B);
    const inputs = { [neededBy(asked)]: answer };
    const done = await client.resume(asked, inputs, 'sample', {
      id: 'again',
      capabilities,
    });
    expect(done.messages[0]).toMatchObject({
      id: 'again',
      result: { resultType: 'complete' },
    });
    expect(JSON.parse(textOf(done))).toEqual(answer);
    // Counted once, by the replica that had the call.
    const usage = await Promise.all(
      replicas.map(async (replica, at) => {
        const { adminPort } = await replica.listening();
        const host = ADDRESSES[at];
        const ask = { method: 'GET', path: '/usage', host };
        return JSON.parse((await send(adminPort, ask)).text).usage;
      }),
    );
    expect(usage).toMatchObject([[{ tool: 'sample', calls: 1 }], []]);
  });

  it('are to be made anew when their replica is gone', async () => {
    const asked = await askAt(A);
    replicas[0].signal('SIGKILL');
    await replicas[0].exited();
    through(B);
    const inputs = { [neededBy(asked)]: answer };
    const lost = await client.resume(asked, inputs, 'sample', { capabilities });
    expect(lost.status).toBe(400);
    expect(lost.messages[0]).toMatchObject({ id: 1, error: { code: -32602 } });
  });
});
