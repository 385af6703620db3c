import { mockServices } from '@backstage/backend-test-utils';
import { FENCE_ANNOTATION } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { inNamespace } from '../clusters/inNamespace';
import { LiveClusters } from '../clusters/LiveClusters';
import { objectPath } from '../clusters/resourcePath';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import type { ClusterConnection, KubeApi, KubeObject } from '../clusters/types';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { renderManifests } from '../manifests/renderManifests';
import type { RenderInput } from '../manifests/types';
import { KubernetesSecretStore } from '../secrets/KubernetesSecretStore';
import { DirectDelivery } from './DirectDelivery';
import { LeaseLostError } from './LeaseLostError';
import { testGuard, testServer } from '../__testUtils__/testServer';
import type { ObjectKey } from './types';

jest.setTimeout(120_000);

// No image is ever pulled here: nothing runs, objects are all that matters.
const IMAGE = 'registry.invalid/none:1';

describe('DirectDelivery on a real API server', () => {
  const delivery = new DirectDelivery();
  let place: TestCluster;
  let clusters: LiveClusters;
  let cluster: ClusterConnection;

  beforeAll(async () => {
    place = await testCluster('delivery');
    clusters = new LiveClusters({
      definitions: [place.definition],
      logger: mockServices.logger.mock(),
    });
    clusters.start();
    cluster = inNamespace(clusters.get('test'), place.namespace);
    while (!cluster.observe({ id: 'none', name: 'none' }).synced) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  });
  afterAll(async () => {
    await clusters?.stop();
    await place?.remove();
  });

  const render = (input: RenderInput) =>
    renderManifests(input, { ...examplePlatform, namespace: place.namespace });
  const read = <T>(key: ObjectKey) =>
    place.api.json<T>({ method: 'GET', path: objectPath(key) });
  const deploymentKey = (keys: ObjectKey[]) =>
    keys.find(key => key.kind === 'Deployment')!;
  const exists = (key: ObjectKey) =>
    read(key).then(
      () => true,
      () => false,
    );

  /** The same cluster, with `before` called ahead of each write: a place to be paused at. */
  const pausedBefore = (
    matches: (path: string, method: string) => boolean,
    before: () => Promise<void>,
  ): ClusterConnection => {
    const api: KubeApi = {
      stream: request => cluster.api.stream(request),
      json: async request => {
        if (request.method !== 'GET' && matches(request.path, request.method)) {
          await before();
        }
        return cluster.api.json(request);
      },
    };
    return new Proxy(cluster, {
      get: (target, name) =>
        name === 'api' ? api : Reflect.get(target, name, target),
    });
  };

  it('applies, applies again, and takes away what is no longer rendered', async () => {
    const input = testServer(
      { name: 'again', image: IMAGE, env: { A: '1', B: '2' } },
      { replicas: 0 },
    );
    const keys = await delivery.apply(cluster, render(input), [], testGuard(1));
    const first = await read<V1Deployment>(deploymentKey(keys));
    expect(
      await delivery.apply(cluster, render(input), keys, testGuard(1)),
    ).toEqual(keys);
    expect(
      (await read<V1Deployment>(deploymentKey(keys))).metadata?.generation,
    ).toBe(first.metadata?.generation);
    const own = first.metadata?.managedFields
      ?.filter(entry => entry.manager === 'mcp-cloud')
      .map(entry => entry.operation);
    expect(own).toEqual(['Apply']);

    // A variable that is gone from the Spec must be gone from the object, creation by POST notwithstanding.
    const less = { ...input, spec: { ...input.spec, env: { A: '1' } } };
    const stale: ObjectKey = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: place.namespace,
      name: 'mcp-again--old',
    };
    const old: KubeObject = {
      ...render(input).find(object => object.kind === 'ConfigMap')!,
      metadata: { ...render(input)[0].metadata, name: stale.name },
    };
    await delivery.apply(cluster, [...render(input), old], keys, testGuard(2));
    expect(await exists(stale)).toBe(true);
    await delivery.apply(cluster, render(less), [...keys, stale], testGuard(3));
    const [container] = (await read<V1Deployment>(deploymentKey(keys))).spec!
      .template.spec!.containers;
    expect(container.env?.map(variable => variable.name)).toEqual([
      'MCP_BRIDGE_CONFIG',
      'MCP_BRIDGE_SECRET_FILE',
      'MCP_BRIDGE_POD_UID',
      'MCP_BRIDGE_POD_IP',
      'A',
    ]);
    expect(await exists(stale)).toBe(false);
    expect(
      cluster.observe({ id: input.id, name: 'again' }).deployment?.metadata
        ?.annotations?.[FENCE_ANNOTATION],
    ).toBe('3');
  });

  it('finishes what a runner left that died between creating and adopting', async () => {
    const input = testServer(
      { name: 'half', image: IMAGE, env: { A: '1' } },
      { replicas: 0 },
    );
    const dying = pausedBefore(
      (_, method) => method === 'PATCH',
      async () => {
        throw new Error('killed');
      },
    );
    await expect(
      delivery.apply(dying, render(input), [], testGuard(1)),
    ).rejects.toThrow('killed');
    const keys = await delivery.apply(cluster, render(input), [], testGuard(2));
    for (const key of keys.filter(one => one.kind !== 'Secret')) {
      const { metadata } = await read<KubeObject>(key);
      const own = metadata.managedFields
        ?.filter(entry => entry.manager === 'mcp-cloud')
        .map(entry => entry.operation);
      expect(own).toEqual(['Apply']);
    }
  });

  it('lets no paused runner overwrite a newer one, wherever it was paused', async () => {
    const newer = { replicas: 0, revision: 2 };
    const pauseAt = async (method: string, index: number) => {
      const input = testServer(
        { name: `paused-${index}`, image: IMAGE, env: { WHO: 'old' } },
        { replicas: 0 },
      );
      const wanted: RenderInput = {
        ...input,
        ...newer,
        spec: { ...input.spec, env: { WHO: 'new' } },
      };
      if (method === 'PATCH') {
        await delivery.apply(cluster, render(input), [], testGuard(1));
      }
      let overtaken = false;
      const paused = pausedBefore(
        (path, verb) => verb === method && path.includes('/deployments'),
        async () => {
          if (!overtaken) {
            overtaken = true;
            await delivery.apply(cluster, render(wanted), [], testGuard(2));
          }
        },
      );
      await expect(
        delivery.apply(paused, render(input), [], testGuard(1)),
      ).rejects.toThrow(LeaseLostError);
      expect(overtaken).toBe(true);
      const key = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: place.namespace,
        name: `mcp-paused-${index}`,
      };
      const live = await read<V1Deployment>(key);
      expect(
        live.spec?.template.spec?.containers[0].env?.find(
          one => one.name === 'WHO',
        )?.value,
      ).toBe('new');
      expect(live.metadata?.annotations?.[FENCE_ANNOTATION]).toBe('2');
      await expect(
        delivery.remove(
          cluster,
          { id: input.id },
          [key],
          testGuard(1),
          AbortSignal.timeout(5_000),
        ),
      ).rejects.toThrow(LeaseLostError);
    };
    await pauseAt('POST', 0);
    await pauseAt('PATCH', 1);
  });

  it('writes nothing once the lease is lost', async () => {
    const input = testServer({ name: 'lost', image: IMAGE }, { replicas: 0 });
    const guard = testGuard(1, async () => {
      throw new LeaseLostError('gone');
    });
    await expect(
      delivery.apply(cluster, render(input), [], guard),
    ).rejects.toThrow(LeaseLostError);
    const [key] = await delivery.apply(
      cluster,
      render(input),
      [],
      testGuard(1),
    );
    await expect(
      delivery.remove(
        cluster,
        { id: input.id },
        [key],
        guard,
        AbortSignal.timeout(5_000),
      ),
    ).rejects.toThrow(LeaseLostError);
    expect(await exists(key)).toBe(true);
  });

  it('leaves an object alone that belongs to something else', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'mcp-taken' },
      data: { theirs: 'yes' },
    };
    await place.api.json({
      method: 'POST',
      path: `/api/v1/namespaces/${place.namespace}/configmaps`,
      body,
    });
    const input = testServer({ name: 'taken', image: IMAGE }, { replicas: 0 });
    await expect(
      delivery.apply(cluster, render(input), [], testGuard(1)),
    ).rejects.toThrow(/already has a ConfigMap called mcp-taken/);
    const key = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: place.namespace,
      name: 'mcp-taken',
    };
    await delivery.remove(
      cluster,
      { id: input.id },
      [key],
      testGuard(1),
      AbortSignal.timeout(10_000),
    );
    expect((await read<V1ConfigMap>(key)).data).toEqual({ theirs: 'yes' });
  });

  it('says an admission refusal in the words of the API server', async () => {
    const input = testServer(
      { name: 'refused', image: IMAGE },
      { replicas: 0 },
    );
    const objects = render(input);
    const service = objects.find(object => object.kind === 'Service')!;
    service.spec = { ...(service.spec as object), type: 'Nonsense' };
    await expect(
      delivery.apply(cluster, objects, [], testGuard(1)),
    ).rejects.toThrow(/spec\.type: Unsupported value: "Nonsense"/);
  });

  it('removes everything and resolves when the last pod is gone', async () => {
    const input = testServer({ name: 'away', image: IMAGE }, { replicas: 2 });
    const keys = await delivery.apply(cluster, render(input), [], testGuard(1));
    while (cluster.observe({ id: input.id, name: 'away' }).pods.length < 2) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    await delivery.remove(
      cluster,
      { id: input.id },
      keys,
      testGuard(2),
      AbortSignal.timeout(60_000),
    );
    expect(await Promise.all(keys.map(exists))).toEqual(keys.map(() => false));
    await delivery.remove(
      cluster,
      { id: input.id },
      keys,
      testGuard(2),
      AbortSignal.timeout(10_000),
    );
  });

  it('makes the secret of the replicas once, whoever comes, and removes it in the end', async () => {
    const input = testServer(
      { name: 'sharing', image: IMAGE },
      { replicas: 0 },
    );
    const apply = (fence: number) =>
      delivery.apply(cluster, render(input), [], testGuard(fence));
    await Promise.all([1, 1, 1].map(apply));
    const keys = await apply(1);
    const key = keys.find(one => one.kind === 'Secret')!;
    const valueOf = async () =>
      (await read<{ data: Record<string, string> }>(key)).data.secret;
    const value = await valueOf();
    const text = Buffer.from(value, 'base64').toString();
    expect(Buffer.from(text, 'base64')).toHaveLength(32);
    await apply(2);
    await delivery.apply(cluster, render(input), keys, testGuard(3));
    expect(await valueOf()).toBe(value);
    const other = testServer({ name: 'sharing', image: IMAGE });
    await expect(
      delivery.apply(cluster, render(other), [], testGuard(1)),
    ).rejects.toThrow(/belongs to something else/);
    await delivery.remove(
      cluster,
      { id: input.id },
      keys,
      testGuard(3),
      AbortSignal.timeout(60_000),
    );
    expect(await exists(key)).toBe(false);
  });

  it('keeps versions of secrets, and never changes one that is there', async () => {
    const store = new KubernetesSecretStore();
    const server = { id: 'a1', name: 'secretive' };
    expect(await store.put(cluster, server, 1, { KEY: 'välue' })).toBe(true);
    expect(await store.put(cluster, server, 1, { KEY: 'other' })).toBe(false);
    await expect(
      store.put(cluster, { ...server, id: 'b2' }, 1, {}),
    ).rejects.toThrow(/belongs to something else/);
    const key = {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: place.namespace,
      name: 'mcp-secretive--env-1',
    };
    const secret = await read<{
      immutable: boolean;
      data: Record<string, string>;
    }>(key);
    expect(secret.immutable).toBe(true);
    expect(Buffer.from(secret.data.KEY, 'base64').toString()).toBe('välue');
    await store.remove(cluster, server, 1);
    await store.remove(cluster, server, 1);
    expect(await exists(key)).toBe(false);
  });
});
