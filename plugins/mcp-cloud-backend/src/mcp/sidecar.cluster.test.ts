import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RenderInput } from '../manifests/types';
import { isReady } from '../status/podFacts';
import { eventually } from '../__testUtils__/eventually';
import { SPY_SERVER } from '../__testUtils__/spyServer';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(240_000);

const ALICE = { subject: 'user:default/alice' };

/** What the SDK's types leave open. */
type Answer = { content: Array<{ text: string }> };

describe('a bridge beside an image that knows nothing of it', () => {
  const { plain } = testImages();
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('sidecar');
  });
  afterAll(() => rig?.stop());

  const beside = (
    name: string,
    command: string[],
    rest: Partial<RenderInput> = {},
  ) =>
    testServer(
      { name, image: plain, bridge: { mode: 'sidecar' }, command },
      rest,
    );
  const deploy = async (input: RenderInput) => {
    await rig.deploy(input);
    await rig.until(
      rig.desired(input),
      status => status.state === 'Running',
      120_000,
    );
  };
  const connect = async (input: RenderInput) => {
    const client = new Client({ name: 'test', version: '1' });
    const url = new URL(await rig.serve(input, ALICE));
    const transport = new StreamableHTTPClientTransport(url);
    await client.connect(transport);
    // Makes room for other sessions, unless the server is past that.
    const leave = async () => {
      await transport.terminateSession().catch(() => undefined);
      await client.close().catch(() => undefined);
    };
    return Object.assign(client, { leave });
  };
  const call = async (client: Client, name: string, args = {}) => {
    const answer = await client.callTool({ name, arguments: args });
    return JSON.parse((answer as Answer).content[0].text);
  };

  it('serves it unmodified', async () => {
    const input = beside('plain', [
      'node',
      'node_modules/@modelcontextprotocol/server-everything/dist/index.js',
      'stdio',
    ]);
    await deploy(input);
    const client = await connect(input);
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    const { content } = (await client.callTool({
      name: 'echo',
      arguments: { message: 'from an image of its own' },
    })) as Answer;
    expect(content[0].text).toContain('from an image of its own');
    await client.leave();
  });

  describe('and is hostile', () => {
    const input = beside('spy', ['node', '-e', SPY_SERVER], { replicas: 2 });
    beforeAll(() => deploy(input));

    const pods = () => rig.cluster.observe({ id: input.id, name: 'spy' }).pods;
    const sum = (all: number[]) => all.reduce((total, one) => total + one, 0);
    /** Restarts of a container in each pod. */
    const restarts = (container: string) =>
      pods()
        .flatMap(pod => pod.status?.containerStatuses ?? [])
        .filter(({ name }) => name === container)
        .map(({ restartCount }) => restartCount);
    const areReady = async () => {
      const ready = await Promise.all(
        pods().map(({ metadata }) =>
          rig.metric(metadata!.name!, 'mcp_server_ready '),
        ),
      );
      return ready.every(one => one === 1);
    };
    /** New sessions are served, after a while at most: by every pod, as its bridge says, for the cluster hears of it later. */
    const works = async () => {
      await eventually(areReady, 60_000);
      const next = await eventually(
        () => connect(input).catch(() => undefined),
        60_000,
      );
      expect(await call(next, 'slow', { ms: 1 })).toBe('slow');
      await next.leave();
    };

    it('is reached by nothing that the server tries', async () => {
      const client = await connect(input);
      expect(await call(client, 'spy')).toEqual({
        user: 65531,
        dialled: 'ENOENT',
        placed: 'placed',
        bridgeProcesses: [],
        environment: [],
        secret: 'ENOENT',
        configuration: 'ENOENT',
        serviceAccount: 'ENOENT',
        agentMemory: 'EACCES',
        agentEnvironment: 'EACCES',
        agentFiles: 'EACCES',
        agentProgram: 'EROFS',
        call: 401,
        status: 401,
        peer: 'refused',
      });
      // Other sessions go on over the agent's own connection.
      const other = await connect(input);
      await other.ping();
      expect(await call(client, 'visitors')).toBe(0);
      await other.leave();
      await client.leave();
    });

    it('outlives a server that takes all the memory it can get', async () => {
      const client = await connect(input);
      await expect(call(client, 'eat')).rejects.toThrow(
        /killed|container has ended/,
      );
      await client.leave();
      await works();
      expect(restarts('bridge')).toEqual([0, 0]);
    });

    it('outlives an agent that is killed, and says at once what has ended', async () => {
      const client = await connect(input);
      const before = sum(restarts('server'));
      const begin = Date.now();
      const slow = call(client, 'slow', { ms: 30_000 });
      await Promise.allSettled([call(client, 'killAgent')]);
      await expect(slow).rejects.toThrow(/container has ended/);
      expect(Date.now() - begin).toBeLessThan(10_000);
      await expect(client.ping()).rejects.toMatchObject({ code: 404 });
      await client.close();
      await works();
      // Both containers find each other again.
      await eventually(() => sum(restarts('server')) === before + 1, 60_000);
      await eventually(() => pods().every(isReady), 60_000);
      expect(restarts('bridge')).toEqual([0, 0]);
    });

    it('finishes every call when its pods are deleted', async () => {
      await rig.until(
        rig.desired(input),
        status => status.state === 'Running',
        60_000,
      );
      const clients = await Promise.all(
        Array.from({ length: 4 }, () => connect(input)),
      );
      const calls = clients.flatMap(client =>
        [6000, 7000, 8000].map(ms => call(client, 'slow', { ms })),
      );
      const settled = Promise.allSettled(calls);
      await new Promise(resolve => setTimeout(resolve, 1000));
      for (const pod of pods()) {
        await rig.deletePod(pod.metadata!.name!);
      }
      expect(await settled).toEqual(
        calls.map(() => ({ status: 'fulfilled', value: 'slow' })),
      );
      await Promise.all(clients.map(client => client.leave()));
    });
  });
});
