import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { ServerSpecInput } from '@mcp-cloud/plugin-mcp-cloud-common';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { eventually } from '../__testUtils__/eventually';
import {
  clusterAuthority,
  outsideFetch,
  testIngress,
} from '../__testUtils__/outsideClient';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';
import { isReady } from '../status/podFacts';

jest.setTimeout(240_000);

const SUBJECT = 'user:default/alice';
const STEPS = 20;
const STEP_MS = 200;
const unique = randomBytes(3).toString('hex');

const exposures: Array<NonNullable<ServerSpecInput['exposure']>> = [
  {
    via: 'ingress',
    host: `in-${unique}.dev.localhost`,
    tls: { certManager: true },
  },
  {
    via: 'httpRoute',
    host: `route-${unique}.dev.localhost`,
    path: '/team/tools',
  },
];

const statusWith = (url: string, host: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    const headers = { host };
    request({ hostname, port, path: pathname, headers, agent: false })
      .on('response', answer => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });

/** What plain HTTP from outside gets; nothing where no route needs its listener. */
const plainly = (path: string, host: string) =>
  statusWith(`${testIngress().http}${path}/mcp`, host).catch(() => undefined);

describe.each(exposures)('a server exposed by $via', exposure => {
  const input = testServer(
    { name: 'exposed', image: testImages().everything, exposure },
    { replicas: 2 },
  );
  const { host, path = '' } = exposure;
  const url = `https://${host}${path}/mcp`;
  let rig: TestRig;
  let get: typeof fetch;
  let client: Client;
  let transport: StreamableHTTPClientTransport;
  beforeAll(async () => {
    rig = await testRig(`exposed-${exposure.via.toLowerCase()}`);
    await rig.deploy(input);
    await rig.until(
      rig.desired(input),
      ({ state }) => state === 'Running',
      120_000,
    );
    get = outsideFetch(await clusterAuthority(rig.cluster.api));
    // The certificate, and what Envoy is told, take a moment; the bridge's word is that a token is missing.
    await eventually(
      () =>
        get(url).then(
          ({ status }) => status === 401,
          () => false,
        ),
      60_000,
    );
    const authorization = await rig.authorization(input, SUBJECT);
    transport = new StreamableHTTPClientTransport(new URL(url), {
      fetch: get,
      requestInit: { headers: { authorization } },
    });
    client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
  });
  afterAll(async () => {
    await client?.close();
    await rig?.stop();
  });

  it('answers the official client, on a certificate of the cluster', async () => {
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    await expect(outsideFetch('')(url)).rejects.toThrow(/certificate/);
  });

  it('keeps a session over both replicas', async () => {
    const pods = rig.cluster
      .observe({ id: input.id, name: input.spec.name })
      .pods.filter(isReady)
      .map(pod => pod.metadata!.name!);
    expect(pods).toHaveLength(2);
    for (let turn = 0; turn < 20; turn += 1) {
      await client.ping();
    }
    const counts = await Promise.all(
      pods.map(async pod => ({
        sessions: await rig.metric(pod, 'mcp_sessions_active'),
        forwarded: await rig.metric(
          pod,
          'mcp_forwarded_total{result="answered"}',
        ),
      })),
    );
    counts.sort((a, b) => b.sessions - a.sessions);
    expect(counts).toEqual([
      { sessions: 1, forwarded: 0 },
      { sessions: 0, forwarded: expect.any(Number) },
    ]);
    expect(counts[1].forwarded).toBeGreaterThan(0);
  });

  it('passes events on as they come', async () => {
    const arrivals: number[] = [];
    await client.callTool(
      {
        name: 'trigger-long-running-operation',
        arguments: { duration: (STEPS * STEP_MS) / 1000, steps: STEPS },
      },
      undefined,
      { onprogress: () => arrivals.push(performance.now()) },
    );
    const gaps = arrivals
      .slice(1)
      .map((at, index) => at - arrivals[index])
      .sort((a, b) => a - b);
    const figures = [gaps[0], gaps[gaps.length >> 1], gaps.at(-1)!];
    process.stderr.write(
      `    ${exposure.via}: progress each ${STEP_MS} ms came after ${figures
        .map(Math.round)
        .join(', ')} ms (least, middle, most)\n`,
    );
    expect(arrivals).toHaveLength(STEPS);
    // Held back, all would come at once.
    expect(Math.abs(figures[1] - STEP_MS)).toBeLessThan(100);
  });

  it('takes no token in the clear', async () => {
    expect(exposure.via === 'ingress' ? [301] : [404, undefined]).toContain(
      await plainly(path, host),
    );
  });

  it('is known to its bridge by its host, and no other name from outside is', async () => {
    const direct = `http://localhost:${await rig.nodePort(input)}/mcp`;
    expect(await statusWith(direct, host)).toBe(401);
    expect(await statusWith(direct, `${host}:17443`)).toBe(401);
    expect(await statusWith(direct, `other-${host}`)).toBe(403);
    expect([404, undefined]).toContain(await plainly('', `other-${host}`));
  });
});
