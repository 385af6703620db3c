import { KubeApiError } from '../clusters/KubeApiError';
import type { KubeApi } from '../clusters/types';
import { eventually } from './eventually';

const text = { type: 'string' };
const map = { type: 'object', additionalProperties: text };
const amounts = {
  type: 'object',
  properties: Object.fromEntries(
    ['cpu', 'memory'].map(name => [
      name,
      {
        anyOf: [{ type: 'integer' }, text],
        'x-kubernetes-int-or-string': true,
      },
    ]),
  ),
};
const object = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length && { required }),
});
const list = (items: object) => ({ type: 'array', items });

/** As much of others' resources as servers use of them; a field that is not here is refused. */
const RESOURCES = [
  {
    group: 'autoscaling.k8s.io',
    plural: 'verticalpodautoscalers',
    kind: 'VerticalPodAutoscaler',
    spec: object(
      {
        targetRef: object({ apiVersion: text, kind: text, name: text }, [
          'kind',
          'name',
        ]),
        updatePolicy: object({
          updateMode: { ...text, enum: ['Off', 'Initial', 'Recreate'] },
        }),
        resourcePolicy: object({
          containerPolicies: list(
            object({
              containerName: text,
              mode: { ...text, enum: ['Auto', 'Off'] },
              controlledValues: {
                ...text,
                enum: ['RequestsAndLimits', 'RequestsOnly'],
              },
              minAllowed: amounts,
              maxAllowed: amounts,
            }),
          ),
        }),
      },
      ['targetRef'],
    ),
  },
  {
    group: 'monitoring.coreos.com',
    plural: 'podmonitors',
    kind: 'PodMonitor',
    spec: object(
      {
        selector: object({ matchLabels: map }),
        podTargetLabels: list(text),
        podMetricsEndpoints: list(
          object({ port: text, path: text, interval: text }),
        ),
      },
      ['selector'],
    ),
  },
];

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const nameOf = ({ group, plural }: { group: string; plural: string }) =>
  `${plural}.${group}`;

/** Has the cluster know VerticalPodAutoscalers and PodMonitors, without anything that acts on them; for tests. */
export async function addResources(api: KubeApi): Promise<void> {
  for (const resource of RESOURCES) {
    const { group, plural, kind, spec } = resource;
    await api.json({
      method: 'POST',
      path: PATH,
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: {
          name: nameOf(resource),
          annotations: {
            'api-approved.kubernetes.io': 'unapproved, for tests',
          },
        },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural, singular: kind.toLowerCase(), kind },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: object({ spec }) },
            },
          ],
        },
      },
    });
    await eventually(() => isServed(api, group), 60_000);
  }
}

/** Takes them away again. */
export async function removeResources(api: KubeApi): Promise<void> {
  for (const resource of RESOURCES) {
    await api
      .json({ method: 'DELETE', path: `${PATH}/${nameOf(resource)}` })
      .catch(ignoreMissing);
    await eventually(
      async () => !(await isServed(api, resource.group)),
      60_000,
    );
  }
}

async function isServed(api: KubeApi, group: string): Promise<boolean> {
  const found = await api
    .json<{ resources: unknown[] }>({
      method: 'GET',
      path: `/apis/${group}/v1`,
    })
    .catch(ignoreMissing);
  return Boolean(found?.resources.length);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof KubeApiError && error.status === 404) {
    return undefined;
  }
  throw error;
}
