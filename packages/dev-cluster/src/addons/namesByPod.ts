import { dirname, join } from 'node:path';
import { ensureImage, imageName } from '../images.ts';
import { dnsEndpoint } from '../objects.ts';
import type { AddOnContext } from './AddOn.ts';

const NAME = 'coredns';

/** A CoreDNS that passes everything on to the node's. */
function objects(image: string, nodeAddress: string): object {
  const metadata = { name: NAME, namespace: 'kube-system' };
  const corefile = `.:53 {\n    errors\n    ready\n    cache 10\n    forward . ${nodeAddress}\n}\n`;
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { Corefile: corefile },
  };
  const container = {
    name: NAME,
    image,
    imagePullPolicy: 'Never',
    args: ['-conf', '/etc/coredns/Corefile'],
    volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
    readinessProbe: {
      httpGet: { path: '/ready', port: 8181 },
      periodSeconds: 1,
    },
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      // It must not ask itself.
      dnsPolicy: 'Default',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
        sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
      },
      containers: [container],
      volumes: [{ name: 'config', configMap: { name: NAME } }],
    },
  };
  return { apiVersion: 'v1', kind: 'List', items: [configMap, pod] };
}

const inSystem = ['--namespace=kube-system'];

/** The next start of the cluster leads to the node again. */
export const removePod = ({ kubectl }: AddOnContext) =>
  kubectl(
    ...[...inSystem, 'delete', '--ignore-not-found'],
    ...[`pod/${NAME}`, `configmap/${NAME}`],
  );

/** Lets a pod answer for names, as in production: policies name pods, and the node's own CoreDNS is none. */
export async function namesByPod(context: AddOnContext): Promise<void> {
  const { cluster, forward, kubectl, apply } = context;
  const binary = join(dirname(forward), NAME);
  const image = imageName(binary);
  await ensureImage(cluster, binary, image);
  // One that a crash left behind stood before policies were enforced.
  await removePod(context);
  await apply(objects(image, cluster.nodeAddress));
  const pod = [...inSystem, `pod/${NAME}`];
  await kubectl('wait', ...pod, '--for=condition=Ready', '--timeout=90s');
  const address = await kubectl(
    ...['get', ...pod, '--output=jsonpath={.status.podIP}'],
  );
  await apply(dnsEndpoint(address));
}
