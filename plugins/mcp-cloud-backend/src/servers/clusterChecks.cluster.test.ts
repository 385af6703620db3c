import { KubeApiError } from '../clusters/KubeApiError';
import { objectPath } from '../clusters/resourcePath';
import type { KubeObject } from '../clusters/types';
import { POD_MONITOR_API } from '../manifests/podMonitor';
import { VERTICAL_AUTOSCALER_API } from '../manifests/verticalAutoscaler';
import { addResources, removeResources } from '../__testUtils__/testResources';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';
import { checkInCluster } from './clusterChecks';

jest.setTimeout(240_000);

describe('what not every cluster has an API for', () => {
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('resources');
    await removeResources(rig.place.api);
  });
  afterAll(async () => {
    await removeResources(rig.place.api);
    await rig.stop();
  });

  const input = testServer(
    {
      image: testImages().hello,
      verticalScaling: {
        mode: 'recreate',
        min: { cpu: '10m' },
        max: { cpu: '1', memory: '256Mi' },
      },
      podMonitor: true,
    },
    { replicas: 0 },
  );
  const read = async (apiVersion: string, kind: string) => {
    const path = objectPath({
      apiVersion,
      kind,
      namespace: rig.place.namespace,
      name: 'mcp-probe',
    });
    return rig.place.api
      .json<KubeObject>({ method: 'GET', path })
      .catch((error: KubeApiError) => error.status);
  };

  it.each([
    [{ verticalScaling: undefined }, /podMonitor: .*no PodMonitors/],
    [{ podMonitor: false }, /verticalScaling: .*no VerticalPodAutoscalers/],
  ])('is refused in words with %j', async (change, message) => {
    await expect(
      checkInCluster(rig.cluster, { ...input.spec, ...change }, {}),
    ).rejects.toThrow(message);
  });

  it('is made where there is one, and goes when it is not wanted any more', async () => {
    await addResources(rig.place.api);
    await checkInCluster(rig.cluster, input.spec, {});
    await rig.deploy(input);
    expect(
      await read(VERTICAL_AUTOSCALER_API, 'VerticalPodAutoscaler'),
    ).toMatchObject({
      spec: {
        targetRef: { kind: 'Deployment', name: 'mcp-probe' },
        updatePolicy: { updateMode: 'Recreate' },
      },
    });
    expect(await read(POD_MONITOR_API, 'PodMonitor')).toMatchObject({
      spec: { podMetricsEndpoints: [{ port: 'admin', path: '/metrics' }] },
    });

    await rig.deploy({
      ...input,
      revision: 2,
      spec: { ...input.spec, verticalScaling: undefined, podMonitor: false },
    });
    expect([
      await read(VERTICAL_AUTOSCALER_API, 'VerticalPodAutoscaler'),
      await read(POD_MONITOR_API, 'PodMonitor'),
    ]).toEqual([404, 404]);
  });
});
