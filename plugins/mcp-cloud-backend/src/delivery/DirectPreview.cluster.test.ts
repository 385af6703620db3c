import type { V1Deployment } from '@kubernetes/client-node';
import { mockServices } from '@backstage/backend-test-utils';
import type { ServerSpecInput } from '@mcp-cloud/plugin-mcp-cloud-common';
import { inNamespace } from '../clusters/inNamespace';
import { LiveClusters } from '../clusters/LiveClusters';
import { objectPath } from '../clusters/resourcePath';
import type { ClusterConnection, KubeObject } from '../clusters/types';
import { renderManifests } from '../manifests/renderManifests';
import type { RenderInput } from '../manifests/types';
import { examplePlatform } from '../__testUtils__/arbitrarySpec';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import { testGuard, testServer } from '../__testUtils__/testServer';
import { DirectDelivery } from './DirectDelivery';
import { DirectPreview } from './DirectPreview';
import type { ObjectKey } from './types';

jest.setTimeout(60_000);

/** Never pulled: these servers have no pods. */
const IMAGE = 'registry.example/none:1';

describe('previews on a real cluster', () => {
  let place: TestCluster;
  let clusters: LiveClusters;
  let cluster: ClusterConnection;
  const delivery = new DirectDelivery();
  const preview = new DirectPreview();

  beforeAll(async () => {
    place = await testCluster('preview');
    clusters = new LiveClusters({
      definitions: [place.definition],
      logger: mockServices.logger.mock(),
    });
    clusters.start();
    cluster = inNamespace(clusters.get('test'), place.namespace);
  });
  afterAll(async () => {
    await clusters?.stop();
    await place?.remove();
  });

  const render = (input: RenderInput) =>
    renderManifests(input, {
      ...examplePlatform,
      namespace: place.namespace,
    });
  const server = (
    spec: Partial<ServerSpecInput> = {},
    rest: Partial<RenderInput> = {},
  ) => testServer({ image: IMAGE, ...spec }, { replicas: 0, ...rest });
  /** With the same fence each time, so that only what really changes is written anew. */
  const apply = (objects: KubeObject[], inventory: ObjectKey[]) =>
    delivery.apply(cluster, objects, inventory, testGuard(1));
  const versionsOf = async (keys: ObjectKey[]) =>
    Promise.all(
      keys.map(async key => {
        const { metadata } = await place.api.json<KubeObject>({
          method: 'GET',
          path: objectPath(key),
        });
        return metadata.resourceVersion;
      }),
    );
  const reasons = ({ warnings }: { warnings: Array<{ reason: string }> }) =>
    warnings.map(({ reason }) => reason);

  it('announce what then happens: creation, changes of all kinds, and removal', async () => {
    const first = server({ name: 'alike', env: { A: '1' } });
    const announced = await preview.apply(cluster, render(first), [], []);
    expect(announced.warnings).toEqual([]);
    let inventory = await apply(render(first), []);
    expect(
      announced.objects.map(({ kind, name }) => `${kind}/${name}`).sort(),
    ).toEqual(inventory.map(({ kind, name }) => `${kind}/${name}`).sort());

    const same = await preview.apply(cluster, render(first), inventory, []);
    expect(same).toEqual({ objects: [], warnings: [] });

    // The first write after a creation changes who owns the fields, of every object.
    inventory = await apply(render(first), inventory);
    const changes: Array<[Partial<ServerSpecInput>, Partial<RenderInput>]> = [
      [{ env: { A: '2' } }, {}],
      [{ env: { A: '2', B: '3' } }, { revision: 2 }],
      [{ image: 'registry.example/none:2' }, { revision: 3 }],
      [{}, { restartedAt: '2026-11-21T12:00:00.000Z' }],
      [{}, { tokensNotBefore: 1_800_000_000 }],
      [{ handshake: 'bridge-only' }, {}],
      [{ application: 'sky' }, {}],
      [
        {
          resources: {
            requests: { cpu: '20m', memory: '64Mi' },
            limits: { memory: '1Gi' },
          },
        },
        {},
      ],
      [{ command: ['node', 'x.js'], args: ['$(A)'] }, {}],
      [{ runAsUser: 1234, workingDir: '/tmp' }, {}],
    ];
    for (const [spec, rest] of changes) {
      const objects = render(
        server({ name: 'alike', ...spec }, { id: first.id, ...rest }),
      );
      const { objects: told } = await preview.apply(
        cluster,
        objects,
        inventory,
        [],
      );
      const before = await versionsOf(inventory);
      inventory = await apply(objects, inventory);
      const after = await versionsOf(inventory);
      expect(told.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual(
        inventory
          .filter((_, index) => before[index] !== after[index])
          .map(({ kind, name }) => `${kind}/${name}`)
          .sort(),
      );
    }

    const fewer = render(server({ name: 'alike' }, { id: first.id })).filter(
      ({ kind }) => kind !== 'PodDisruptionBudget',
    );
    const { objects } = await preview.apply(cluster, fewer, inventory, []);
    expect(objects).toContainEqual({
      kind: 'PodDisruptionBudget',
      name: 'mcp-alike',
      change: 'removed',
      fields: [],
    });
    const gone = await preview.remove(cluster, first, inventory);
    expect(gone.objects).toHaveLength(inventory.length);
    expect(
      (await preview.remove(cluster, { id: 'another' }, inventory)).objects,
    ).toEqual([]);
  });

  it('say what changes in the pods, and nothing else', async () => {
    const input = server({ name: 'fields', env: { A: '1' } });
    const inventory = await apply(render(input), []);
    const { objects } = await preview.apply(
      cluster,
      render(server({ name: 'fields', env: { A: '2' } }, { id: input.id })),
      inventory,
      [],
    );
    expect(objects).toMatchObject([
      {
        kind: 'Deployment',
        change: 'changed',
        fields: [
          {
            path: 'spec.template.metadata.annotations[mcp-cloud.io/template-hash]',
          },
          {
            path: 'spec.template.spec.containers[server].env[A].value',
            before: '1',
            after: '2',
          },
        ],
      },
    ]);
  });

  describe('announce what admission refuses of pods alone:', () => {
    const post = (kind: string, spec: object) =>
      place.api.json({
        method: 'POST',
        path: `/api/v1/namespaces/${place.namespace}/${kind.toLowerCase()}s`,
        body: { apiVersion: 'v1', kind, metadata: { name: 'test' }, spec },
      });
    const remove = (kind: string) =>
      place.api.json({
        method: 'DELETE',
        path: `/api/v1/namespaces/${
          place.namespace
        }/${kind.toLowerCase()}s/test`,
      });

    it.each<[string, (deployment: V1Deployment) => void, RegExp]>([
      [
        'Pod Security',
        ({ spec }) => {
          spec!.template.spec!.containers[0].securityContext = {};
        },
        /violates PodSecurity/,
      ],
      [
        'a priority class that is not there',
        ({ spec }) => {
          spec!.template.spec!.priorityClassName = 'none';
        },
        /no PriorityClass with name none/,
      ],
      [
        'a runtime class that is not there',
        ({ spec }) => {
          spec!.template.spec!.runtimeClassName = 'none';
        },
        /RuntimeClass "none" not found/,
      ],
    ])('%s', async (_, change, words) => {
      const objects = render(server({ name: 'refused' }));
      change(objects.find(({ kind }) => kind === 'Deployment') as V1Deployment);
      expect((await preview.apply(cluster, objects, [], [])).warnings).toEqual([
        { reason: 'Refused', message: expect.stringMatching(words) },
      ]);
    });

    it('a LimitRange', async () => {
      await post('LimitRange', {
        limits: [{ type: 'Container', max: { memory: '100Mi' } }],
      });
      const found = await preview.apply(
        cluster,
        render(server({ name: 'refused' })),
        [],
        [],
      );
      await remove('LimitRange');
      expect(found.warnings).toEqual([
        {
          reason: 'Refused',
          message: expect.stringContaining('maximum memory usage'),
        },
      ]);
    });

    it('a quota', async () => {
      await post('ResourceQuota', { hard: { pods: '0' } });
      const found = await preview.apply(
        cluster,
        render(server({ name: 'refused' })),
        [],
        [],
      );
      await remove('ResourceQuota');
      expect(found.warnings).toEqual([
        {
          reason: 'Refused',
          message: expect.stringContaining('exceeded quota'),
        },
      ]);
    });
  });

  it('name missing Secrets, but not those to come', async () => {
    const objects = render(
      server(
        { name: 'secretive', imagePullSecrets: ['pull'], secrets: ['KEY'] },
        { secretVersion: 1 },
      ),
    );
    const missing = await preview.apply(cluster, objects, [], []);
    expect(missing.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('no Secret pull'),
      expect.stringContaining('no Secret mcp-secretive--env-1'),
    ]);
    const toCome = ['pull', 'mcp-secretive--env-1'];
    expect(
      (await preview.apply(cluster, objects, [], toCome)).warnings,
    ).toEqual([]);
  });

  it('name what belongs to something else, and what others changed', async () => {
    const input = server({ name: 'taken' });
    const inventory = await apply(render(input), []);
    expect(
      reasons(
        await preview.apply(cluster, render(server({ name: 'taken' })), [], []),
      ),
    ).toContain('NameTaken');

    await place.api.json({
      method: 'PATCH',
      path: objectPath(inventory.find(({ kind }) => kind === 'Deployment')!),
      query: { fieldManager: 'kubectl-edit' },
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: 0, minReadySeconds: 3, paused: true } },
    });
    await place.api.json({
      method: 'PATCH',
      path: objectPath(inventory.find(({ kind }) => kind === 'Deployment')!),
      query: { fieldManager: 'kubectl-edit' },
      contentType: 'application/merge-patch+json',
      body: { spec: { revisionHistoryLimit: 9 } },
    });
    const found = await preview.apply(cluster, render(input), inventory, []);
    expect(found.objects).toMatchObject([
      {
        kind: 'Deployment',
        fields: [{ path: 'spec.revisionHistoryLimit', before: 9, after: 2 }],
      },
    ]);
    expect(found.warnings).toEqual([
      {
        reason: 'FieldsOfOthers',
        message: expect.stringContaining('kubectl-edit'),
      },
    ]);
  });

  it('do not speak for a namespace that is not there', async () => {
    const elsewhere: ClusterConnection = Object.create(cluster, {
      namespace: { value: 'not-there' },
    });
    const input = server({ name: 'lost' });
    const objects = renderManifests(input, {
      ...examplePlatform,
      namespace: 'not-there',
    });
    const found = await preview.apply(elsewhere, objects, [], []);
    expect(new Set(reasons(found))).toEqual(new Set(['NotVerified']));
    expect(found.objects).toHaveLength(objects.length);
  });
});
