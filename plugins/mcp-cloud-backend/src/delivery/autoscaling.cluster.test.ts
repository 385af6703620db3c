import { setTimeout as sleep } from 'node:timers/promises';
import type { V1PodList } from '@kubernetes/client-node';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';
import type { RenderInput } from '../manifests/types';
import { isReady } from '../status/podFacts';

jest.setTimeout(400_000);

/** Autoscalers of the cluster for tests look every 5 s. */
const MORE_THAN_A_LOOK_MS = 8_000;

describe('scaling by load, in a real cluster', () => {
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('scaling');
  });
  afterAll(() => rig?.stop());

  const base = testServer({ name: 'scaled', image: testImages().hello });
  // An idle bridge uses more than this, so there is always load.
  const scaling = { min: 2, max: 6, targets: { cpu: 1 } };
  let revision = 0;
  const fixed = (replicas: number): RenderInput => ({
    ...base,
    replicas,
    revision: ++revision,
  });
  const byLoad = (runs = true): RenderInput => ({
    ...base,
    spec: { ...base.spec, scaling },
    replicas: runs ? 1 : 0,
    revision: ++revision,
  });
  const desired = (input: RenderInput, bounds = false) =>
    rig.desired(input, bounds ? { scaling } : {});

  /** Watches how many pods are ready, and gives the least when it is ended. */
  function leastReady(): () => Promise<number> {
    const end = new AbortController();
    const watching = (async () => {
      let least = Infinity;
      while (!end.signal.aborted) {
        const { items } = await rig.cluster.api.json<V1PodList>({
          method: 'GET',
          path: `/api/v1/namespaces/${rig.place.namespace}/pods`,
          query: { labelSelector: `${SERVER_ID_LABEL}=${base.id}` },
        });
        least = Math.min(
          least,
          items.filter(pod => isReady(pod) && !pod.metadata?.deletionTimestamp)
            .length,
        );
        await sleep(100);
      }
      return least;
    })();
    return () => {
      end.abort();
      return watching;
    };
  }
  const running = (status: { state: string }) => status.state === 'Running';
  const replicas = () =>
    rig.cluster.observe({ id: base.id, name: 'scaled' }).deployment!.spec!
      .replicas!;

  it('goes from a fixed number to bounds, stops, starts and goes back, and never has fewer pods than it should', async () => {
    const first = fixed(5);
    await rig.deploy(first);
    await rig.until(desired(first), running, 120_000);

    let least = leastReady();
    const scaled = byLoad();
    await rig.deploy(scaled);
    expect(replicas()).toBeGreaterThanOrEqual(5);
    // The autoscaler adds a pod by itself, as there is more load than it should let be.
    const grown = await rig.until(
      desired(scaled, true),
      status => running(status) && status.pods.ready === 6,
      180_000,
    );
    expect(grown.pods).toEqual({ desired: 6, ready: 6, total: 6 });
    // To apply the same again takes nothing back.
    await rig.deploy(byLoad());
    expect(replicas()).toBe(6);
    expect(await least()).toBeGreaterThanOrEqual(5);

    const stopped = byLoad(false);
    await rig.deploy(stopped);
    await rig.until(
      rig.desired(stopped, { runState: 'stopped', scaling }),
      status => status.state === 'Stopped',
      120_000,
    );
    // An autoscaler that was left behind would start it again.
    await sleep(MORE_THAN_A_LOOK_MS);
    expect(replicas()).toBe(0);

    const started = byLoad();
    await rig.deploy(started);
    expect(replicas()).toBeGreaterThanOrEqual(2);
    await rig.until(desired(started, true), running, 120_000);

    least = leastReady();
    const last = fixed(3);
    await rig.deploy(last);
    await rig.until(desired(last), running, 120_000);
    await sleep(MORE_THAN_A_LOOK_MS);
    expect(replicas()).toBe(3);
    expect(await least()).toBeGreaterThanOrEqual(2);
  });

  it('makes a new server with the least number of pods at once', async () => {
    const input = {
      ...testServer({ name: 'fresh', image: testImages().hello }),
    };
    await rig.deploy({ ...input, spec: { ...input.spec, scaling } });
    const { deployment } = rig.cluster.observe({ id: input.id, name: 'fresh' });
    expect(deployment!.spec!.replicas).toBeGreaterThanOrEqual(2);
  });
});
