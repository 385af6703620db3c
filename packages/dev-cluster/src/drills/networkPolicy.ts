/**
 * Puts the add-on for NetworkPolicies through its paces on a real cluster, and takes it away again:
 *     node src/drills/networkPolicy.ts
 * It needs what `dev-cluster up --with network-policy` needs, and two minutes once that is built.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ensureBinaries } from '../build.ts';
import { packBinary } from '../images.ts';
import { down, loadImage, reset, status, up } from '../index.ts';
import { run } from '../system/exec.ts';
import { until } from '../system/wait.ts';
import { leftovers } from './leftovers.ts';
import { withOutsideServer } from './outside.ts';
import { workload } from './workload.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'mcd-'));
const which = { name: 'drill-policy', stateDir };
const withPolicy = { ...which, addOns: ['network-policy'] as const };
const IMAGE = 'mcp-cloud.local/drill:1';

/** The drill's pods may ask for names, and nothing else. */
const namesOnly = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'names-only', namespace: 'drill' },
  spec: {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [{ namespaceSelector: {} }],
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
    ],
  },
};

/** Programs of Cilium's in the kernel, of whichever cluster. */
async function programs(): Promise<number> {
  const found = await run('bpftool', ['--json', 'prog', 'show']);
  return (JSON.parse(found) as Array<{ name?: string }>).filter(({ name }) =>
    name?.startsWith('cil_'),
  ).length;
}

const setting = () =>
  readFileSync('/proc/sys/kernel/unprivileged_bpf_disabled', 'utf8');

test('network-policy', t => withOutsideServer(url => drill(t, url)));

async function drill(t: TestContext, url: string): Promise<void> {
  const bin = await ensureBinaries();
  const settingBefore = setting();
  const info = await up(withPolicy);
  const kubectl = (args: string[], input?: object) =>
    run(join(bin, 'kubectl'), [`--kubeconfig=${info.kubeconfig}`, ...args], {
      seconds: 120,
      input: input && JSON.stringify(input),
    });
  const ask = async (path: string) => {
    const port = info.nodePortRange[0] + 7;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(15_000),
    });
    return answer.ok;
  };
  const namesAnswer = () => ask('/lookup?name=drill.drill.svc.cluster.local');
  const reachOutside = () => ask(`/fetch?url=${url}`);
  const soon = (what: string, condition: () => Promise<boolean>) =>
    until(what, condition, { seconds: 60 });

  await t.test('runs, and a second start changes nothing', async () => {
    const agent = async () => {
      const { components } = await status(which);
      return components.find(one => one.name === 'cilium');
    };
    const before = await agent();
    assert.ok(before?.alive);
    await up(withPolicy);
    assert.equal((await agent())?.pid, before.pid);
  });

  await t.test('a policy closes what it does not name', async () => {
    const packed = await packBinary(
      join(stateDir, 'image'),
      join(bin, 'drill'),
      IMAGE,
    );
    await loadImage(packed.archive, which);
    const port = info.nodePortRange[0] + 7;
    await kubectl(['apply', '-f', '-'], workload(IMAGE, port));
    await soon('pods reach the outside', reachOutside);
    await kubectl(['apply', '-f', '-'], namesOnly);
    await soon('closed', async () => !(await reachOutside()));
    assert.ok(await namesAnswer());
  });

  await t.test('pods from before it are made anew', async () => {
    await down(which);
    assert.deepEqual(await leftovers(info), []);
    await up(which);
    await soon('nothing is enforced', reachOutside);
    await soon('the node answers for names', namesAnswer);
    await up(withPolicy);
    await soon('the pods are back, and names answer', namesAnswer);
    assert.equal(await reachOutside(), false);
  });

  await t.test('a stop leaves nothing', async () => {
    const running = await programs();
    assert.ok(running > 0);
    await down(which);
    assert.deepEqual(await leftovers(info), []);
    await soon('programs are gone', async () => (await programs()) < running);
    assert.equal(setting(), settingBefore);
    await up(which);
    const kinds = await kubectl(['get', 'crd', '--output=name']);
    assert.equal(kinds.trim(), '');
    const names = await kubectl([
      ...['--namespace=kube-system', 'get', 'pods,configmaps'],
      '--output=name',
    ]);
    assert.doesNotMatch(names, /coredns/);
    await soon('the node answers for names', namesAnswer);
    const endpoints = await kubectl([
      ...['--namespace=kube-system', 'get', 'endpointslices', '--output'],
      'jsonpath={.items[*].endpoints[*].addresses[*]}',
    ]);
    // The node's own, of CoreDNS and the metrics server.
    assert.equal(new Set(endpoints.split(' ')).size, 1, endpoints);
  });

  await reset(which);
  assert.deepEqual(await leftovers(info), []);
  rmSync(stateDir, { recursive: true });
}
