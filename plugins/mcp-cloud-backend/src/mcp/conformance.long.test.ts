import { randomBytes } from 'node:crypto';
import { isReady } from '../status/podFacts';
import { runScript } from '../__testUtils__/runScript';
import {
  longTestImages,
  testRig,
  type TestRig,
} from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(600_000);

const say = (text: string) => process.stderr.write(`    ${text}\n`);

describe.each(['session', 'shared'])(
  'the conformance sets on three pods behind one port, isolation %s',
  isolation => {
    const input = testServer(
      {
        name: 'fixture',
        image: longTestImages().fixture,
        // A server of 2026-07-28 with replicas has to open what each of them has sealed.
        env: { STATE_KEY: randomBytes(32).toString('hex') },
        resources: {
          requests: { cpu: '10m', memory: '64Mi' },
          limits: { memory: '4Gi' },
        },
      },
      { replicas: 3 },
    );
    let rig: TestRig;
    beforeAll(async () => {
      rig = await testRig(`sets-${isolation}`);
      await rig.deploy(input, undefined, { isolation });
      await rig.until(
        rig.desired(input),
        ({ state }) => state === 'Running',
        180_000,
      );
    });
    afterAll(() => rig?.stop());

    it('are answered as by one, by all of them', async () => {
      const url = `http://localhost:${await rig.nodePort(input)}/mcp`;
      const { output } = await runScript(
        'packages/bridge/conformance/run.ts',
        ['--url', url, isolation],
        {
          MCP_CONFORMANCE_AUTHORIZATION: await rig.authorization(
            input,
            'user:default/alice',
          ),
        },
      );
      say(output.trim().replaceAll('\n', '\n    '));
      expect(output).toContain(`2025-11-25: 30/30 (${isolation})`);
      expect(output).toContain(`2026-07-28: 37/37 (${isolation})`);

      const { pods } = rig.cluster.observe({ id: input.id, name: 'fixture' });
      const counts = await Promise.all(
        pods
          .filter(isReady)
          .map(({ metadata }) => metadata!.name!)
          .map(async pod => ({
            answered: await rig.metric(pod, 'mcp_requests_total{'),
            forwarded: await rig.metric(
              pod,
              'mcp_forwarded_total{result="answered"}',
            ),
          })),
      );
      const sum = (key: 'answered' | 'forwarded') =>
        counts.reduce((total, one) => total + one[key], 0);
      const shares = counts.map(one => one.answered / sum('answered'));
      say(
        `answered by each pod: ${counts
          .map(one => one.answered)
          .join(', ')}; passed on: ${counts
          .map(one => one.forwarded)
          .join(', ')}`,
      );
      expect(shares).toHaveLength(3);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.15);
      expect(sum('forwarded')).toBeGreaterThanOrEqual(1);
    });
  },
);
