/** A workload as strict as the platform's own: Pod Security `restricted`, a NodePort, an HPA. */
export function workload(image: string, nodePort: number): object {
  const labels = { app: 'drill' };
  const metadata = { name: 'drill', namespace: 'drill' };
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: 'drill',
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'drill',
              image,
              readinessProbe: {
                httpGet: { path: '/', port: 8080 },
                periodSeconds: 1,
              },
              resources: {
                requests: { cpu: '50m', memory: '32Mi' },
                limits: { cpu: '300m', memory: '64Mi' },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'NodePort',
      selector: labels,
      ports: [{ port: 80, targetPort: 8080, nodePort }],
    },
  };
  const autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'drill',
      },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [
        {
          type: 'Resource',
          resource: {
            name: 'cpu',
            target: { type: 'Utilization', averageUtilization: 50 },
          },
        },
      ],
    },
  };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [namespace, deployment, service, autoscaler],
  };
}
