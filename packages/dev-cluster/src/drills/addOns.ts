/**
 * Puts the add-ons that lead in through their paces on a real cluster, and takes it away again:
 *     node src/drills/addOns.ts
 * It needs what `dev-cluster up --with …` needs, and about a minute once the add-ons are built.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureBinaries } from '../build.ts';
import { packBinary } from '../images.ts';
import { down, loadImage, reset, status, up } from '../index.ts';
import type { ClusterInfo } from '../index.ts';
import { run } from '../system/exec.ts';
import { until } from '../system/wait.ts';
import { leftovers } from './leftovers.ts';
import { HOSTS, routes } from './routes.ts';
import { workload } from './workload.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'mcd-'));
const which = { name: 'drill-add-ons', stateDir };
const addOns = ['ingress', 'certificates'] as const;
const IMAGE = 'mcp-cloud.local/drill:1';
/** Later than this an event was held back. */
const LATE_MS = 400;

/** Asks Envoy over TLS for a page of a host, trusting one authority alone. @returns the whole answer */
function ask(
  { ingress }: ClusterInfo,
  host: string,
  path: string,
  ca: string,
  heard: (chunk: string) => void = () => {},
): Promise<string> {
  const { hostname, port } = new URL(ingress.https);
  const options: RequestOptions = {
    ...{ hostname, port, path, ca, servername: host, headers: { host } },
    agent: false,
    timeout: 10_000,
  };
  return new Promise((resolve, reject) => {
    const asked = request(options, answer => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', chunk => {
        heard(chunk);
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200
          ? resolve(text)
          : reject(new Error(`${answer.statusCode} ${text}`)),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}

test('add-ons', async t => {
  const bin = await ensureBinaries();
  const info = await up({ ...which, addOns });
  const kubectl = (args: string[], input?: object) =>
    run(join(bin, 'kubectl'), [`--kubeconfig=${info.kubeconfig}`, ...args], {
      seconds: 120,
      input: input && JSON.stringify(input),
    });
  let ca: string;

  await t.test(
    'run beside the cluster, and a second start changes nothing',
    async () => {
      const before = await status(which);
      assert.ok(before.running);
      for (const name of ['contour', 'envoy', 'cert-manager']) {
        assert.ok(
          before.components.find(one => one.name === name)?.alive,
          name,
        );
      }
      await up({ ...which, addOns });
      const pids = ({ components }: typeof before) =>
        components.map(c => c.pid);
      assert.deepEqual(pids(await status(which)), pids(before));
    },
  );

  await t.test(
    'an Ingress and an HTTPRoute answer with certificates of the cluster',
    async () => {
      const packed = await packBinary(
        join(stateDir, 'image'),
        join(bin, 'drill'),
        IMAGE,
      );
      await loadImage(packed.archive, which);
      await kubectl(
        ['apply', '-f', '-'],
        workload(IMAGE, info.nodePortRange[0] + 7),
      );
      await kubectl(['apply', '-f', '-'], routes());
      const secret = ['--namespace=cert-manager', 'get', 'secret', 'dev-ca'];
      const encoded = await kubectl([
        ...secret,
        '--output=jsonpath={.data.tls\\.crt}',
      ]);
      ca = Buffer.from(encoded, 'base64').toString();
      for (const host of Object.values(HOSTS)) {
        const authority = ca;
        await until(
          host,
          async () =>
            (await ask(info, host, '/', authority)).startsWith('drill on'),
          { seconds: 60 },
        );
      }
    },
  );

  await t.test('who does not know the authority is not talked to', async () => {
    await assert.rejects(ask(info, HOSTS.ingress, '/', ''), /certificate/);
  });

  await t.test('a host that nobody has named is not found', async () => {
    const answer = await fetch(info.ingress.http, {
      headers: { connection: 'close' },
    });
    assert.equal(answer.status, 404);
  });

  await t.test('events come as they are sent', async () => {
    for (const host of Object.values(HOSTS)) {
      const delays: number[] = [];
      await ask(info, host, '/stream', ca, chunk => {
        for (const [, sent] of chunk.matchAll(/data: (\d+)/g)) {
          delays.push(Date.now() - Number(sent));
        }
      });
      t.diagnostic(`${host}: late by ${delays.join(', ')} ms`);
      assert.equal(delays.length, 5);
      assert.ok(delays.every(delay => delay < LATE_MS));
    }
  });

  await t.test('a stop takes their objects along', async () => {
    await down(which);
    assert.deepEqual(await leftovers(info), []);
    await up(which);
    const kinds = await kubectl(['get', 'crd', '--output=name']);
    assert.equal(kinds.trim(), '');
    const namespaces = await kubectl(['get', 'namespace', '--output=name']);
    assert.doesNotMatch(namespaces, /ingress|cert-manager/);
  });

  await reset(which);
  assert.deepEqual(await leftovers(info), []);
  rmSync(stateDir, { recursive: true });
});
