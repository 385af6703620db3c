import fc from 'fast-check';
import { KubeApiError } from '../clusters/KubeApiError';
import { collectionPath } from '../clusters/resourcePath';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import type { KubeObject } from '../clusters/types';
import {
  arbitraryInput,
  examplePlatform,
} from '../__testUtils__/arbitrarySpec';
import { renderManifests } from './renderManifests';

jest.setTimeout(180_000);

describe('what is rendered, before a real API server', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await testCluster('render');
  });
  afterAll(() => cluster?.remove());

  const dryRun = (object: KubeObject) =>
    cluster.api.json({
      method: 'POST',
      path: collectionPath(object.apiVersion, object.kind, cluster.namespace),
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: object,
    });

  /** Pod Security acts on pods and only warns about Deployments, so a pod is made from the template. */
  const podOf = (deployment: KubeObject): KubeObject => {
    const { template } = deployment.spec as {
      template: { metadata: object; spec: { serviceAccountName?: string } };
    };
    const { serviceAccountName, ...spec } = template.spec;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...template.metadata, name: 'probe' },
      spec,
    };
  };

  it('passes strict validation and Pod Security restricted, for any valid Spec', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryInput, async input => {
        const objects = renderManifests(input, {
          ...examplePlatform,
          namespace: cluster.namespace,
        });
        const deployment = objects.find(
          object => object.kind === 'Deployment',
        )!;
        const accepted = await Promise.all(
          [...objects, podOf(deployment)].map(dryRun),
        );
        expect(accepted).toHaveLength(objects.length + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('would be refused if it asked for more, so that the check above means something', async () => {
    const [input] = fc.sample(arbitraryInput, 1);
    const objects = renderManifests(input, {
      ...examplePlatform,
      namespace: cluster.namespace,
    });
    const pod = podOf(objects.find(object => object.kind === 'Deployment')!);
    const { containers } = pod.spec as {
      containers: Array<{ securityContext: object }>;
    };
    containers[0].securityContext = { privileged: true };
    const refused = dryRun(pod);
    await expect(refused).rejects.toThrow(KubeApiError);
    await expect(refused).rejects.toThrow(/violates PodSecurity "restricted/);
  });
});
