import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { mockServices } from '@backstage/backend-test-utils';
import {
  SERVER_ID_LABEL,
  type ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import {
  Exec,
  type V1Container,
  type V1Deployment,
} from '@kubernetes/client-node';
import express from 'express';
import { parse, stringify } from 'yaml';
import { readText } from '../clusters/HttpKubeApi';
import { inNamespace } from '../clusters/inNamespace';
import { LiveClusters } from '../clusters/LiveClusters';
import { eventually } from './eventually';
import { testCluster } from './testCluster';
import type { KubeObject } from '../clusters/types';
import type { ObjectKey } from '../delivery/types';
import { DirectDelivery } from '../delivery/DirectDelivery';
import { testGuard } from './testServer';
import { ADMIN_PORT, MCP_PORT } from '../manifests/names';
import { renderManifests } from '../manifests/renderManifests';
import type { RenderInput } from '../manifests/types';
import { podProxyPath } from '../mcp/bridgeAddress';
import { KubeProxyGateway } from '../mcp/KubeProxyGateway';
import { testSigner } from './testSigner';
import { BridgeObserver } from '../status/BridgeObserver';
import { LiveStatusService } from '../status/LiveStatusService';
import type { DesiredServer } from '../status/types';

/** Images that are in the test cluster's reach, from `MCP_CLOUD_TEST_IMAGES` (JSON). */
export function testImages(): {
  bridge: string;
  everything: string;
  hello: string;
  /** The server everything without a bridge. */
  plain: string;
} {
  const images = process.env.MCP_CLOUD_TEST_IMAGES;
  if (!images) {
    throw new Error(
      'Set MCP_CLOUD_TEST_IMAGES to JSON with the images bridge, everything, hello and plain.',
    );
  }
  return JSON.parse(images);
}

/** Images of `bridge-image/testing`, from `MCP_CLOUD_LONG_TEST_IMAGES` (JSON): only long tests need them. */
export function longTestImages(): {
  /** A tiny server with the bridge. */
  tiny: string;
  /** What the conformance sets ask, with the bridge. */
  fixture: string;
  /** The tiny server without a bridge, in images with different users. */
  users: Record<'from scratch' | 'none' | 'root' | 'named', string>;
  /** Published servers without a bridge. */
  published: Array<{
    package: string;
    image: string;
    command: string[];
    env: Record<string, string>;
  }>;
} {
  const images = process.env.MCP_CLOUD_LONG_TEST_IMAGES;
  if (!images) {
    throw new Error(
      'Set MCP_CLOUD_LONG_TEST_IMAGES to what bridge-image/testing/images.ts prints.',
    );
  }
  return JSON.parse(images);
}

/** What leads in from outside where the test cluster has its add-ons for that. */
const EXPOSURE = {
  ingress: {
    className: 'contour',
    clusterIssuer: 'dev-ca',
    annotations: { 'ingress.kubernetes.io/force-ssl-redirect': 'true' },
  },
  gateway: { name: 'dev', namespace: 'ingress', sectionName: 'https' },
};

/** All parts of the live side wired together in a namespace of a real cluster; for tests. */
export async function testRig(purpose: string) {
  const place = await testCluster(purpose);
  const logger = mockServices.logger.mock();
  const clusters = new LiveClusters({
    definitions: [place.definition],
    logger,
  });
  const signer = await testSigner();
  const gateway = new KubeProxyGateway({ signer, logger });
  const statuses = new LiveStatusService({ clusters });
  const observer = new BridgeObserver({ clusters, gateway, logger });
  const delivery = new DirectDelivery();
  clusters.start();
  observer.start();
  const cluster = inNamespace(clusters.get('test'), place.namespace);
  const web: Server[] = [];
  const inventory = new Map<string, ObjectKey[]>();

  const desired = (
    input: RenderInput,
    rest: Partial<DesiredServer> = {},
  ): DesiredServer => ({
    id: input.id,
    name: input.spec.name,
    cluster: 'test',
    runState: 'running',
    replicas: input.replicas,
    revision: input.revision,
    handshake: input.spec.handshake,
    operation: 'deploy',
    ...rest,
  });

  return {
    place,
    cluster,
    clusters,
    gateway,
    statuses,
    logger,
    delivery,
    desired,
    /**
     * Renders and applies; `change` may alter the container first, and `bridge` be laid over the bridge's
     * configuration, to stage what no Spec asks for.
     */
    deploy: async (
      input: RenderInput,
      change?: (container: V1Container) => void,
      bridge?: Record<string, unknown>,
    ) => {
      const objects: KubeObject[] = renderManifests(input, {
        namespace: place.namespace,
        publicKeys: signer.publicKeys(),
        bridgeImage: testImages().bridge,
        allowedHosts: cluster.apiHosts,
        exposure: EXPOSURE,
      });
      if (change) {
        const deployment = objects.find(
          object => object.kind === 'Deployment',
        ) as unknown as V1Deployment;
        change(deployment.spec!.template.spec!.containers[0]);
      }
      if (bridge) {
        const { data } = objects.find(
          object => object.kind === 'ConfigMap',
        ) as unknown as { data: Record<string, string> };
        const rendered = parse(data['bridge.yaml']);
        data['bridge.yaml'] = stringify({ ...rendered, ...bridge });
      }
      const keys = await delivery.apply(
        cluster,
        objects,
        inventory.get(input.id) ?? [],
        testGuard(input.revision),
      );
      inventory.set(input.id, keys);
      return keys;
    },
    /** The first status of a state, within `withinMs`. */
    until: (
      server: DesiredServer,
      done: (status: ServerStatus) => boolean,
      withinMs = 40_000,
    ): Promise<ServerStatus> =>
      statuses.waitFor(server, done, { signal: AbortSignal.timeout(withinMs) }),
    /** A port of `localhost` behind which are all ready pods of a server, for each connection another one. */
    nodePort: async (input: RenderInput) => {
      const service = await cluster.api.json<{
        spec: { ports: Array<{ nodePort: number }> };
      }>({
        method: 'POST',
        path: `/api/v1/namespaces/${place.namespace}/services`,
        body: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'node-port' },
          spec: {
            type: 'NodePort',
            sessionAffinity: 'None',
            selector: { [SERVER_ID_LABEL]: input.id },
            ports: [{ port: MCP_PORT }],
          },
        },
      });
      const [{ nodePort }] = service.spec.ports;
      const health = `http://localhost:${nodePort}/health`;
      await eventually(
        () =>
          fetch(health).then(
            ({ ok }) => ok,
            () => false,
          ),
        20_000,
      );
      return nodePort;
    },
    /** The header with a token for a server, for clients that come to its bridges directly. */
    authorization: async (input: RenderInput, subject: string) => {
      const claims = { audience: input.id, subject, ttlSeconds: 3600 };
      return `Bearer ${(await signer.sign(claims)).token}`;
    },
    /** Numbers of a pod's bridge: the sum of all lines of a metric that begin so. */
    metric: async (pod: string, line: string) => {
      const answer = await cluster.api.stream({
        method: 'GET',
        path: podProxyPath(cluster, pod, ADMIN_PORT, '/metrics'),
      });
      return (await readText(answer, 1024 * 1024))
        .split('\n')
        .filter(one => one.startsWith(line))
        .reduce((sum, one) => sum + Number(one.split(' ').at(-1)), 0);
    },
    /** Runs a command in a container; resolves when it has ended, or its container has. */
    run: async (
      { pod, container }: { pod: string; container: string },
      command: string[],
      streams: { stdin?: Readable; stdout?: Writable } = {},
    ) => {
      const socket = await new Exec(place.definition.kubeConfig).exec(
        place.namespace,
        pod,
        container,
        command,
        // Without any stream the API server refuses.
        streams.stdout ?? new PassThrough().resume(),
        null,
        streams.stdin ?? null,
        false,
      );
      streams.stdin?.once('close', () => socket.close());
      await new Promise(resolve => {
        socket.onclose = resolve;
      });
    },
    /** Ends a pod in the time it asks for, or at once without asking anybody. */
    deletePod: (pod: string, { atOnce = false } = {}) =>
      cluster.api.json({
        method: 'DELETE',
        path: `/api/v1/namespaces/${place.namespace}/pods/${pod}`,
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(atOnce ? { gracePeriodSeconds: 0 } : {}),
        },
      }),
    /** Serves the gateway's way in, as the router does, and gives its address. */
    serve: async (
      input: RenderInput,
      caller: { subject: string; expiresAt?: Date },
    ) => {
      const app = express();
      app.all('/mcp', (req, res) => {
        gateway
          .proxy(
            cluster,
            { id: input.id, name: input.spec.name },
            caller,
            req,
            res,
          )
          .catch(() => res.destroy());
      });
      const server = app.listen(0, '127.0.0.1');
      await new Promise(resolve => server.once('listening', resolve));
      web.push(server);
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    },
    stop: async () => {
      gateway.close();
      web.forEach(server => server.closeAllConnections());
      web.forEach(server => server.close());
      await observer.stop();
      await clusters.stop();
      await place.remove();
    },
  };
}

/** See {@link testRig}. */
export type TestRig = Awaited<ReturnType<typeof testRig>>;
