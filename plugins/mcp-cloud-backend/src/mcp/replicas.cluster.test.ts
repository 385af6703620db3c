import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { isReady } from '../status/podFacts';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(240_000);

const ALICE = { subject: 'user:default/alice' };
const BOB = { subject: 'user:default/bob' };

describe('sessions of a server with three pods', () => {
  const { everything } = testImages();
  const input = testServer(
    { name: 'spread', image: everything },
    { replicas: 3 },
  );
  const ref = { id: input.id, name: 'spread' };
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('peers');
    await rig.deploy(input);
    await rig.until(
      rig.desired(input),
      status => status.state === 'Running',
      120_000,
    );
  });
  afterAll(() => rig?.stop());

  const podNames = () =>
    rig.cluster
      .observe(ref)
      .pods.filter(isReady)
      .map(pod => pod.metadata!.name!);
  const connect = async (caller = ALICE) => {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(
      new URL(await rig.serve(input, caller)),
    );
    await client.connect(transport);
    return { client, transport };
  };
  /** A number of each pod's metrics, by the pod's name. */
  const metric = async (name: string) => {
    const found = new Map<string, number>();
    for (const pod of podNames()) {
      found.set(pod, await rig.metric(pod, name));
    }
    return found;
  };
  const forwarded = () => metric('mcp_forwarded_total{result="answered"}');

  it('live on, whichever pod a request of theirs lands on', async () => {
    const { client, transport } = await connect();
    for (let turn = 0; turn < 30; turn += 1) {
      await client.ping();
    }
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    const holders = [...(await metric('mcp_sessions_active'))].filter(
      ([, sessions]) => sessions > 0,
    );
    expect(holders).toHaveLength(1);
    // Both others have passed requests on, and the one with the session has not.
    const counts = await forwarded();
    expect(counts.size).toBe(3);
    for (const [pod, count] of counts) {
      expect(count > 0).toBe(pod !== holders[0][0]);
    }
    await transport.terminateSession();
    await client.close();
    const left = await metric('mcp_sessions_active');
    expect([...left.values()]).toEqual([0, 0, 0]);
  });

  it("are nobody else's", async () => {
    const { client, transport } = await connect();
    const url = await rig.serve(input, BOB);
    for (let turn = 0; turn < 6; turn += 1) {
      const answer = await fetch(url, {
        method: 'POST',
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': transport.sessionId!,
        },
      });
      expect(answer.status).toBe(404);
    }
    await client.ping();
    // So that the next test finds the only session there is.
    await transport.terminateSession();
    await client.close();
  });

  it('end with their pod, and a new one begins', async () => {
    const { client } = await connect();
    await client.ping();
    const holders = [...(await metric('mcp_sessions_active'))]
      .filter(([, sessions]) => sessions > 0)
      .map(([pod]) => pod);
    expect(holders).toHaveLength(1);
    await rig.deletePod(holders[0], { atOnce: true });
    let failure: unknown;
    const deadline = Date.now() + 30_000;
    while (!failure && Date.now() < deadline) {
      failure = await client.ping().then(
        () => undefined,
        error =>
          /unavailable|not reached|does not answer/.test(`${error}`)
            ? undefined
            : error,
      );
    }
    expect(failure).toMatchObject({ code: 404 });
    await client.close().catch(() => undefined);
    const next = await connect();
    for (let turn = 0; turn < 10; turn += 1) {
      await next.client.ping();
    }
    await next.client.close();
  });
});
