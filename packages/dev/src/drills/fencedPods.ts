import assert from 'node:assert/strict';
import { sleep } from '../../../dev-cluster/src/system/wait.ts';
import { callFromPod } from './world/callFromPod.ts';
import { withServer } from './world/withServer.ts';
import type { Drill } from './world/World.ts';

const SERVER = 'drill-fenced';
const OTHER = 'drill-fenced-other';
const SHORTEST_TOKEN_SECONDS = 10;
/** How far a bridge trusts its own clock: for so long it still takes a token that has expired. */
const CLOCK_TOLERANCE_MS = 10_000;

interface NamespaceObject {
  metadata: { labels: Record<string, string> };
}

/** What a pod may do, and who may call it from inside of the cluster. */
export const fencedPods: Drill = {
  title: 'Pod Security, and calls to the Service past the portal',
  async run(world) {
    const { kube, report } = world;
    const alice = await world.person('alice');
    await withServer(alice, world.spec(SERVER), async ({ serverId }) => {
      const shortLived = await alice.createToken(
        SERVER,
        SHORTEST_TOKEN_SECONDS,
      );
      const expires = Date.now() + SHORTEST_TOKEN_SECONDS * 1000;
      const [pod] = await kube.readyPods(serverId);
      const exec = (...command: string[]) =>
        kube.exec(pod.metadata.name, 'server', command);

      await report.check(
        'the namespace enforces `restricted`, and the pod is in it',
        async () => {
          const { metadata } = await kube.json<NamespaceObject>(
            'GET',
            `/api/v1/namespaces/${kube.namespace}`,
          );
          assert.equal(
            metadata.labels['pod-security.kubernetes.io/enforce'],
            'restricted',
          );
          // That the rule is alive: the same pod as root is refused.
          const root = structuredClone(pod.spec) as {
            containers: Array<{ securityContext: object }>;
          };
          root.containers[0].securityContext = {
            runAsUser: 0,
            runAsNonRoot: false,
          };
          const body = {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'drill-root' },
            spec: { ...root, nodeName: undefined },
          };
          const { status, text } = await kube.request(
            'POST',
            `${kube.in('api/v1/pods')}?dryRun=All`,
            body,
          );
          assert.equal(status, 403, text);
          assert.match(text, /violates PodSecurity/);
        },
      );
      await report.check('it runs as user 65532', async () => {
        assert.deepEqual(await exec('id', '-u'), { ok: true, output: '65532' });
      });
      await report.check('it cannot write to /', async () => {
        const { ok, output } = await exec('touch', '/drill');
        report.figure(output);
        assert.equal(ok, false);
        assert.match(output, /Read-only file system/);
      });
      await withServer(alice, world.spec(OTHER), async () => {
        const right = await alice.createToken(SERVER);
        const other = await alice.createToken(OTHER);
        await sleep(
          Math.max(0, expires + CLOCK_TOLERANCE_MS + 2_000 - Date.now()),
        );
        const url = `http://mcp-${SERVER}.${kube.namespace}.svc:8080/mcp`;
        const expected = [
          ['without a token', undefined, 401],
          ["with another server's token", other, 401],
          ['with an expired token', shortLived, 401],
          ['with a right token', right, 200],
        ] as const;
        const answers = await callFromPod(
          world,
          url,
          expected.map(([, token]) => token),
        );
        for (const [index, [name, , status]] of expected.entries()) {
          await report.check(
            `a call from a pod ${name} gets ${status}`,
            async () =>
              assert.equal(
                answers[index]?.status,
                status,
                JSON.stringify(answers[index]),
              ),
          );
        }
      });
    });
  },
};
