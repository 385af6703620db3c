/**
 * Puts two real clusters through their paces on this machine and takes them away again:
 *     node src/drills/cluster.ts
 * It needs what `dev-cluster up` needs, about three minutes, and leaves other clusters alone.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureBinaries } from '../build.ts';
import { processesIn } from '../cgroups.ts';
import { describeCluster } from '../cluster.ts';
import { run } from '../system/exec.ts';
import { packBinary } from '../images.ts';
import { down, loadImage, reset, status, up } from '../index.ts';
import type { ClusterInfo } from '../index.ts';
import { sleep, until } from '../system/wait.ts';
import { leftovers } from './leftovers.ts';
import { withOutsideServer } from './outside.ts';
import { push } from './registryPush.ts';
import { workload } from './workload.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'mcd-'));
const first = { name: 'drill-one', stateDir };
const second = { name: 'drill-two', stateDir };
let bin: string;

const kubectl = (info: ClusterInfo, ...args: string[]) =>
  run(join(bin, 'kubectl'), [`--kubeconfig=${info.kubeconfig}`, ...args], {
    seconds: 120,
  });
const nodePortUrl = (info: ClusterInfo) =>
  `http://127.0.0.1:${info.nodePortRange[0] + 7}`;
const get = async (url: string) => {
  const response = await fetch(url, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
};
const answers = (info: ClusterInfo) => async () =>
  (await get(nodePortUrl(info))).startsWith('drill on');

async function deploy(info: ClusterInfo, image: string): Promise<void> {
  const manifest = JSON.stringify(workload(image, info.nodePortRange[0] + 7));
  await run(
    join(bin, 'kubectl'),
    [`--kubeconfig=${info.kubeconfig}`, 'apply', '-f', '-'],
    { input: manifest },
  );
  await kubectl(
    info,
    '--namespace=drill',
    'rollout',
    'status',
    'deployment/drill',
    '--timeout=60s',
  );
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const begin = performance.now();
  await work();
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

test('clusters', async t => {
  bin = await ensureBinaries();
  let one!: ClusterInfo;
  let two!: ClusterInfo;

  await t.test(
    'two start side by side, each with ports of its own',
    async () => {
      [one, two] = await Promise.all([up(first), up(second)]);
      assert.notEqual(one.apiServer, two.apiServer);
      assert.notEqual(one.registry, two.registry);
      assert.notEqual(one.nodePortRange[0], two.nodePortRange[0]);
      assert.ok(
        (await status(first)).running && (await status(second)).running,
      );
    },
  );

  await t.test('starting a running cluster changes nothing', async () => {
    const before = (await status(first)).components;
    const time = await timed(async () =>
      assert.deepEqual(await up(first), one),
    );
    t.diagnostic(`again: ${time}`);
    assert.deepEqual(
      (await status(first)).components.map(c => c.pid),
      before.map(c => c.pid),
    );
  });

  await t.test(
    'a pod starts from a loaded archive, and from the registry',
    async () => {
      const pack = (name: string) =>
        packBinary(join(stateDir, 'image'), join(bin, 'drill'), name);
      const loaded = await pack('mcp-cloud.local/drill:1');
      await loadImage(loaded.archive, first);
      await deploy(one, 'mcp-cloud.local/drill:1');
      await push(two.registry, 'drill', loaded);
      await deploy(two, `${two.registry}/drill:1`);
    },
  );

  await t.test(
    'a NodePort answers on loopback of the host, in both',
    async () => {
      await until('one', answers(one), { seconds: 20 });
      await until('two', answers(two), { seconds: 20 });
    },
  );

  await t.test('logs, exec, and names inside of the cluster', async () => {
    assert.match(
      await kubectl(one, '--namespace=drill', 'logs', 'deployment/drill'),
      /listening/,
    );
    // A second server beside the first one: that it finds the port taken shows where it ran.
    await assert.rejects(
      kubectl(
        one,
        '--namespace=drill',
        'exec',
        'deployment/drill',
        '--',
        '/drill',
      ),
      /address already in use/,
    );
    const name = 'drill.drill.svc.cluster.local';
    assert.match(
      await get(`${nodePortUrl(one)}/lookup?name=${name}`),
      /10\.96\./,
    );
    const url = encodeURIComponent(`http://${name}/`);
    // The API server, as pods find it, answers plain HTTP with a complaint.
    const api = encodeURIComponent('http://10.96.0.1:443/');
    assert.match(
      await get(`${nodePortUrl(one)}/fetch?url=${api}`),
      /HTTPS server/,
    );
    for (let i = 0; i < 10; i++) {
      assert.match(
        await get(`${nodePortUrl(one)}/fetch?url=${url}`),
        /drill on/,
      );
    }
  });

  await t.test(
    'pods reach the outside through address translation',
    async () => {
      await withOutsideServer(async url => {
        for (const info of [one, two]) {
          const seenAs = await get(
            `${nodePortUrl(info)}/fetch?url=${encodeURIComponent(url)}`,
          );
          assert.equal(seenAs, '198.51.100.1');
        }
      });
    },
  );

  await t.test(
    'events pass the API server and the forward without delay',
    async () => {
      const proxy = spawn(join(bin, 'kubectl'), [
        `--kubeconfig=${one.kubeconfig}`,
        'get',
        '--raw',
        '/api/v1/namespaces/drill/services/drill:80/proxy/stream',
      ]);
      const delays: number[] = [];
      proxy.stdout.setEncoding('utf8').on('data', (text: string) => {
        for (const [, sent] of text.matchAll(/data: (\d+)/g)) {
          delays.push(Date.now() - Number(sent));
        }
      });
      await new Promise(resolve => proxy.once('close', resolve));
      // Held back to the end, the first would be two seconds late.
      assert.equal(delays.length, 5);
      assert.ok(
        delays.every(delay => delay < 800),
        `late by ${delays} ms`,
      );
      t.diagnostic(`events late by ${delays} ms`);
    },
  );

  await t.test('usage is measured, and load makes more pods', async () => {
    await until(
      'kubectl top',
      async () =>
        /drill/.test(await kubectl(one, '--namespace=drill', 'top', 'pods')),
      { seconds: 60, everyMs: 1000 },
    );
    let load = true;
    const burning = [1, 2, 3].map(async () => {
      while (load)
        await get(`${nodePortUrl(one)}/burn?for=500ms`).catch(() => sleep(100));
    });
    const replicas = [
      '--namespace=drill',
      'get',
      'deployment',
      'drill',
      '-o',
      'jsonpath={.status.readyReplicas}',
    ];
    try {
      await until(
        'a third replica',
        async () => Number(await kubectl(one, ...replicas)) > 2,
        {
          seconds: 120,
          everyMs: 1000,
        },
      );
    } finally {
      load = false;
      await Promise.all(burning);
    }
  });

  await t.test(
    'a component that dies is shown; everything killed comes back',
    async () => {
      const index = (one.nodePortRange[0] - 30000) / 100;
      const pids = processesIn(
        describeCluster(one.name, index, join(stateDir, 'clusters')),
      );
      assert.ok(pids.length > 15, `${pids.length} processes`);
      pids.forEach(pid => {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It went with its pod's first process.
        }
      });
      await until(
        'the end of all',
        async () => (await status(first)).components.every(c => !c.alive),
        { seconds: 5 },
      );
      assert.equal((await status(first)).running, false);
      t.diagnostic(`after a kill: ${await timed(() => up(first))}`);
      t.diagnostic(
        `pods again after: ${await timed(() =>
          until('pods', answers(one), { seconds: 60 }),
        )}`,
      );
      assert.ok(await answers(two)(), 'the other cluster is not disturbed');
    },
  );

  await t.test('a stop leaves nothing but the state', async () => {
    t.diagnostic(`down: ${await timed(() => down(first))}`);
    assert.deepEqual(await leftovers(one), []);
    assert.ok(await answers(two)(), 'the other cluster is not disturbed');
    await down(first);
  });

  await t.test('the next start is quick and brings the pods back', async () => {
    t.diagnostic(`warm: ${await timed(() => up(first))}`);
    t.diagnostic(
      `pods again after: ${await timed(() =>
        until('pods', answers(one), { seconds: 60 }),
      )}`,
    );
  });

  await t.test('a reset takes the state away too', async () => {
    for (const [which, info] of [
      [first, one],
      [second, two],
    ] as const) {
      await reset(which);
      assert.deepEqual(await leftovers(info), []);
      await assert.rejects(status(which), /there is no cluster/);
    }
    rmSync(stateDir, { recursive: true });
  });
});
