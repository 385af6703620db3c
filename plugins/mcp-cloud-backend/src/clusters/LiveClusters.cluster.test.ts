import { mockServices } from '@backstage/backend-test-utils';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeConfig } from '@kubernetes/client-node';
import { DirectDelivery } from '../delivery/DirectDelivery';
import { testGuard, testServer } from '../__testUtils__/testServer';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { renderManifests } from '../manifests/renderManifests';
import { LiveStatusService } from '../status/LiveStatusService';
import { inNamespace } from './inNamespace';
import { LiveClusters } from './LiveClusters';
import { Line } from '../__testUtils__/Line';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';

jest.setTimeout(120_000);

describe('LiveClusters on a real API server', () => {
  const delivery = new DirectDelivery();
  let place: TestCluster;
  let line: Line;
  let clusters: LiveClusters;
  let direct: LiveClusters;
  const changes: Array<ReadonlySet<string> | 'all'> = [];

  beforeAll(async () => {
    place = await testCluster('reflect');
    const { kubeConfig } = place.definition;
    line = new Line(kubeConfig);
    const through = await line.start();
    const logger = mockServices.logger.mock();
    clusters = new LiveClusters({
      definitions: [{ ...place.definition, kubeConfig: through }],
      logger,
    });
    direct = new LiveClusters({ definitions: [place.definition], logger });
    clusters.onChange((_name, changed) => changes.push(changed));
    clusters.start();
    direct.start();
  });
  afterAll(async () => {
    await clusters?.stop();
    await direct?.stop();
    line?.stop();
    await place?.remove();
  });

  const until = async (done: () => boolean, withinMs = 10_000) => {
    const begin = Date.now();
    while (!done()) {
      if (Date.now() - begin > withinMs) {
        throw new Error(`Not within ${withinMs} ms`);
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    return Date.now() - begin;
  };
  const render = (input: ReturnType<typeof testServer>) =>
    renderManifests(input, { ...examplePlatform, namespace: place.namespace });

  it('sees what is created, changed and deleted, each within a second', async () => {
    const input = testServer({
      name: 'seen',
      image: 'registry.invalid/none:1',
    });
    const server = { id: input.id, name: 'seen' };
    const observed = () => clusters.get('test').observe(server);
    await until(() => observed().synced);
    expect(observed()).toMatchObject({ pods: [], events: [], version: 0 });
    await until(() => clusters.get('test').health().version !== undefined);
    expect(clusters.get('test').health()).toMatchObject({
      state: 'ok',
      version: expect.stringMatching(/^v1\./),
    });
    // That the cluster answers, and that all is in sync: each once, however much was listed.
    expect(changes.length).toBeLessThanOrEqual(2);

    const keys = await delivery.apply(
      inNamespace(direct.get('test'), place.namespace),
      render(input),
      [],
      testGuard(1),
    );
    await until(() => observed().pods.length === 1);
    await until(() =>
      observed().events.some(event => event.reason === 'ScalingReplicaSet'),
    );
    expect(
      observed().podRevisions?.get(observed().pods[0].metadata!.name!),
    ).toBe(1);
    expect(observed().deployment?.metadata?.managedFields).toBeUndefined();
    const before = observed().version;
    expect(before).toBeGreaterThan(0);

    await delivery.apply(
      inNamespace(direct.get('test'), place.namespace),
      render({ ...input, revision: 2 }),
      keys,
      testGuard(2),
    );
    // Same template, so the same pod, which is now one of revision 2.
    await until(
      () =>
        observed().podRevisions?.get(
          observed().pods[0]?.metadata?.name ?? '',
        ) === 2,
    );
    expect(observed().version).toBeGreaterThan(before);

    await delivery.remove(
      inNamespace(direct.get('test'), place.namespace),
      input,
      keys,
      testGuard(3),
      AbortSignal.timeout(30_000),
    );
    await until(() => !observed().deployment && !observed().pods.length);
    expect(clusters.get('test').serverIds()).not.toContain(input.id);
    expect(
      changes.some(changed => changed !== 'all' && changed.has(input.id)),
    ).toBe(true);
  });

  it('keeps no more events than it should', async () => {
    const input = testServer(
      { name: 'noisy', image: 'registry.invalid/none:1' },
      { replicas: 0 },
    );
    await delivery.apply(
      inNamespace(direct.get('test'), place.namespace),
      render(input),
      [],
      testGuard(1),
    );
    const body = (i: number) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `noise-${i}`, namespace: place.namespace },
      involvedObject: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'mcp-noisy',
        namespace: place.namespace,
      },
      type: 'Normal',
      reason: `N${i}`,
      message: 'x',
      lastTimestamp: new Date(Date.now() + i * 1000).toISOString(),
      count: 1,
    });
    for (let i = 0; i < 25; i += 1) {
      await place.api.json({
        method: 'POST',
        path: `/api/v1/namespaces/${place.namespace}/events`,
        body: body(i),
      });
    }
    const events = () =>
      clusters.get('test').observe({ id: input.id, name: 'noisy' }).events;
    await until(() => events()[0]?.reason === 'N24');
    expect(
      events().filter(event => event.involvedObject.kind === 'Deployment')
        .length,
    ).toBe(10);
  });

  it('is Unknown within 15 s of an API server that falls silent, and right again by itself', async () => {
    const input = testServer(
      { name: 'silent', image: 'registry.invalid/none:1' },
      { replicas: 0 },
    );
    const keys = await delivery.apply(
      inNamespace(direct.get('test'), place.namespace),
      render(input),
      [],
      testGuard(1),
    );
    const statuses = new LiveStatusService({ clusters });
    const desired = {
      id: input.id,
      name: 'silent',
      cluster: 'test',
      runState: 'stopped' as const,
      replicas: 0,
      revision: 1,
      handshake: 'full' as const,
    };
    await until(() => statuses.status(desired).state === 'Stopped');

    line.freeze(true);
    const silentFor = await until(
      () => statuses.status(desired).state === 'Unknown',
      15_000,
    );
    expect(silentFor).toBeLessThan(15_000);
    expect(statuses.status(desired)).toMatchObject({
      reason: 'ClusterUnreachable',
      message: expect.stringContaining('did not answer within 5 s'),
    });

    // What happens meanwhile is not told to anyone, and the deletion never will be.
    await delivery.remove(
      inNamespace(direct.get('test'), place.namespace),
      input,
      keys,
      testGuard(2),
      AbortSignal.timeout(30_000),
    );
    const other = testServer(
      { name: 'silent', image: 'registry.invalid/none:1' },
      { replicas: 0 },
    );
    await delivery.apply(
      inNamespace(direct.get('test'), place.namespace),
      render(other),
      [],
      testGuard(1),
    );

    line.freeze(false);
    await until(() => statuses.status(desired).state === 'Stopped', 20_000);
    await until(() => {
      const { deployment } = clusters
        .get('test')
        .observe({ id: other.id, name: 'silent' });
      return deployment?.metadata?.labels?.[SERVER_ID_LABEL] === other.id;
    });
    expect(
      clusters.get('test').observe({ id: input.id, name: 'silent' }).deployment,
    ).toBeUndefined();
  });

  it('says when its account may not look', async () => {
    const { kubeConfig } = place.definition;
    const { token } = (
      await (async () => {
        await place.api.json({
          method: 'POST',
          path: `/api/v1/namespaces/${place.namespace}/serviceaccounts`,
          body: {
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { name: 'nobody' },
          },
        });
        return place.api.json<{ status: { token: string } }>({
          method: 'POST',
          path: `/api/v1/namespaces/${place.namespace}/serviceaccounts/nobody/token`,
          body: {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: {},
          },
        });
      })()
    ).status;
    const narrow = new KubeConfig();
    const { server, caData, caFile } = kubeConfig.getCurrentCluster()!;
    narrow.loadFromClusterAndUser(
      { name: 'c', server, caData, caFile, skipTLSVerify: false },
      { name: 'nobody', token },
    );
    const refused = new LiveClusters({
      definitions: [{ ...place.definition, kubeConfig: narrow }],
      logger: mockServices.logger.mock(),
    });
    refused.start();
    try {
      await until(() =>
        /is forbidden: User .*nobody/.test(
          refused.get('test').health().reason ?? '',
        ),
      );
      expect(refused.get('test').health().state).toBe('unreachable');
      expect(JSON.stringify(refused.get('test').health())).not.toContain(token);
    } finally {
      await refused.stop();
    }
  });
});
