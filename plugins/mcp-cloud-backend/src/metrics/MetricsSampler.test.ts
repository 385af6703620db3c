import { mockServices } from '@backstage/backend-test-utils';
import { SERVER_ID_LABEL } from '@mcp-cloud/plugin-mcp-cloud-common';
import { KubeApiError } from '../clusters/KubeApiError';
import { ServerNamespaces } from '../clusters/ServerNamespaces';
import type { Clusters, KubeRequest } from '../clusters/types';
import { eventually } from '../__testUtils__/eventually';
import { MetricsSampler } from './MetricsSampler';

const metricsOf = (
  name: string,
  server: string,
  ...usage: Array<[string, string]>
) => ({
  metadata: { name, namespace: 'n', labels: { [SERVER_ID_LABEL]: server } },
  containers: usage.map(([cpu, memory]) => ({
    name: 'c',
    usage: { cpu, memory },
  })),
});
const podWith = (limits: object) => ({
  spec: { containers: [{ resources: { limits } }] },
  status: { phase: 'Running' },
});

describe('MetricsSampler', () => {
  const server = { id: 's', name: 'tools', cluster: 'c' };
  let answer: () => Promise<unknown>;
  let pods: object[];
  let health: string;
  let requests: KubeRequest[];
  let sampler: MetricsSampler;
  beforeEach(() => {
    pods = [];
    requests = [];
    health = 'ok';
    const cluster = {
      name: 'c',
      namespaces: new ServerNamespaces('n'),
      health: () => ({ state: health }),
      observe: () => ({ pods }),
      api: {
        json: (request: KubeRequest) => {
          requests.push(request);
          return answer();
        },
      },
    };
    const clusters = {
      list: () => [cluster],
      get: () => cluster,
    } as unknown as Clusters;
    sampler = new MetricsSampler({
      clusters,
      logger: mockServices.logger.mock(),
      stepMs: 100,
    });
  });
  afterEach(() => sampler.stop());

  it('sums pods by server, by one request for all', async () => {
    answer = async () => ({
      items: [
        metricsOf('p1', 's', ['12345678n', '84Mi'], ['1m', '1Mi']),
        metricsOf('p2', 's', ['250m', '131072Ki']),
        metricsOf('q', 'other', ['2', '1Gi']),
        // Whoever copies our labels elsewhere is none of ours.
        {
          ...metricsOf('p3', 's', ['2', '1Gi']),
          metadata: {
            name: 'p3',
            namespace: 'elsewhere',
            labels: { [SERVER_ID_LABEL]: 's' },
          },
        },
      ],
    });
    pods = [
      podWith({ memory: '512Mi', cpu: '500m' }),
      podWith({ memory: '512Mi' }),
    ];
    sampler.start();
    await eventually(() => sampler.view(server).samples.length > 1);
    const view = sampler.view(server);
    expect(view.samples[0]).toMatchObject({
      cpuMillicores: 263.3,
      memoryBytes: 213 * 2 ** 20,
      pods: 2,
    });
    expect(view).toMatchObject({
      stepSeconds: 0.1,
      limits: { memoryBytes: 2 ** 30 },
    });
    expect(view.limits.cpuMillicores).toBeUndefined();
    expect(view.unavailable).toBeUndefined();
    expect(sampler.usage('c', 'p1')).toEqual({
      cpuMillicores: 13.3,
      memoryBytes: 85 * 2 ** 20,
    });
    expect(requests[0]).toMatchObject({
      path: '/apis/metrics.k8s.io/v1beta1/namespaces/n/pods',
      query: { labelSelector: 'app.kubernetes.io/managed-by=mcp-cloud' },
    });
  });

  it.each([
    [404, /metrics-server is not installed/],
    [503, /metrics-server is not installed or not ready/],
    [403, /may not read metrics/],
  ])('says why there is nothing at status %d', async (status, reason) => {
    answer = async () => {
      throw new KubeApiError('x', status, 'X');
    };
    sampler.start();
    await eventually(() => reason.test(sampler.view(server).unavailable ?? ''));
    expect(sampler.usage('c', 'p1')).toBeUndefined();
  });

  it('does not ask a cluster that is away', async () => {
    health = 'unreachable';
    answer = async () => ({ items: [] });
    sampler.start();
    await new Promise(resolve => setTimeout(resolve, 250));
    expect(requests).toEqual([]);
    expect(sampler.view(server).unavailable).toBe(
      'No sample has been taken yet.',
    );
  });
});
