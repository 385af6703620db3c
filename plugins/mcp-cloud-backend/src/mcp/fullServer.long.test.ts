import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { childrenFor } from '../manifests/bridgeConfig';
import { CONTAINER } from '../manifests/names';
import { RawSession } from '../__testUtils__/rawSession';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(240_000);

const MEMORY = '512Mi';
const PLACES = childrenFor(MEMORY) - 1;
const everything = {
  baked: { image: () => testImages().everything },
  sidecar: {
    image: () => testImages().plain,
    bridge: { mode: 'sidecar' as const },
    command: [
      'node',
      'node_modules/@modelcontextprotocol/server-everything/dist/index.js',
      'stdio',
    ],
  },
};

describe.each(Object.keys(everything) as Array<keyof typeof everything>)(
  `a server of ${MEMORY} with all of its ${PLACES} sessions, %s`,
  layout => {
    const { image, ...spec } = everything[layout];
    const input = testServer({
      name: 'full',
      ...spec,
      image: image(),
      resources: {
        requests: { cpu: '10m', memory: '64Mi' },
        limits: { memory: MEMORY },
      },
    });
    let rig: TestRig;
    beforeAll(async () => {
      rig = await testRig(`full-${layout}`);
      await rig.deploy(input);
      await rig.until(
        rig.desired(input),
        ({ state }) => state === 'Running',
        120_000,
      );
    });
    afterAll(() => rig?.stop());

    it('refuses one more, and is never short of memory', async () => {
      const target = {
        port: await rig.nodePort(input),
        authorization: await rig.authorization(input, 'user:default/alice'),
        reconnects: 0,
      };
      const sessions = Array.from(
        { length: PLACES },
        () => new RawSession(target),
      );
      for (const session of sessions) {
        expect(await session.initialize()).toMatchObject({ status: 200 });
      }
      for (let turn = 0; turn < 20; turn += 1) {
        const answers = await Promise.all(
          sessions.flatMap(session => [
            session.call('echo', { message: 'x'.repeat(100_000) }),
            session.call('get-tiny-image'),
            session.call('get-resource-links', { count: 10 }),
          ]),
        );
        expect(answers.map(({ status }) => status)).toEqual(
          answers.map(() => 200),
        );
        const more = await new RawSession(target).initialize();
        expect(more).toMatchObject({
          status: 503,
          headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
        });
      }
      const { pods } = rig.cluster.observe({ id: input.id, name: 'full' });
      const statuses = pods.flatMap(pod => pod.status?.containerStatuses ?? []);
      expect(statuses.length).toBeGreaterThan(0);
      for (const { restartCount, lastState } of statuses) {
        expect({ restartCount, lastState }).toEqual({
          restartCount: 0,
          lastState: {},
        });
      }
      const pod = pods[0].metadata!.name!;
      const children = await rig.metric(pod, 'mcp_children_active ');
      const stdout = new PassThrough();
      const stat = text(stdout);
      await rig.run(
        { pod, container: CONTAINER },
        [
          'sh',
          '-c',
          'cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat',
        ],
        { stdout },
      );
      stdout.end();
      const [, bytes] = /^(?:anon|total_rss) (\d+)$/m.exec(await stat) ?? [];
      process.stderr.write(
        `    ${PLACES} sessions, ${children} processes, ${(
          Number(bytes) /
          2 ** 20
        ).toFixed(0)} MiB of memory that cannot be given back\n`,
      );
    });
  },
);
