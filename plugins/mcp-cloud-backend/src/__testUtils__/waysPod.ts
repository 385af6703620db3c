import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Exec } from '@kubernetes/client-node';
import type { TestCluster } from './testCluster';
import { testImages } from './testRig';

/** What becomes of an attempt: the other end answers, nothing comes, or there is an error. */
export type Outcome = 'open' | 'closed' | string;

export interface Attempt {
  host: string;
  port: number;
  protocol: 'TCP' | 'UDP';
}

/** No answer after this time means that the way is closed. */
const PATIENCE_MS = 3_000;

const LISTEN = `
const ports = JSON.parse(process.argv[1]);
for (const port of ports) {
  require('net').createServer(c => c.end().on('error', () => {})).listen(port);
  const udp = require('dgram').createSocket('udp4', (m, from) => udp.send(m, from.port, from.address));
  udp.bind(port);
}`;

const TRY = `
const attempt = ({ host, port, protocol }) => new Promise(done => {
  setTimeout(done, ${PATIENCE_MS}, 'closed');
  if (protocol === 'UDP') {
    const udp = require('dgram').createSocket('udp4', () => done('open')).on('error', e => done(e.code));
    udp.send('x', port, host);
  } else {
    require('net').connect(port, host, () => done('open')).on('error', e => done(e.code));
  }
});
Promise.all(JSON.parse(process.argv[1]).map(attempt)).then(found => {
  console.log(JSON.stringify(found));
  process.exit();
});`;

/** A pod that runs, answers at ports, and can try to reach others. */
export async function waysPod(
  { api, namespace, definition }: TestCluster,
  name: string,
  labels: Record<string, string>,
  ports: number[],
) {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await api.json({
    method: 'POST',
    path,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 1,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
          sysctls: [
            { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
          ],
        },
        containers: [
          {
            name: 'ways',
            image: testImages().plain,
            command: ['node', '-e', LISTEN, JSON.stringify(ports)],
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  });
  const address = async () => {
    for (;;) {
      const { status } = await api.json<{
        status: { phase: string; podIP?: string };
      }>({ method: 'GET', path: `${path}/${name}` });
      if (status.phase === 'Running' && status.podIP) {
        return status.podIP;
      }
      await sleep(500);
    }
  };
  return {
    name,
    address: await address(),
    /** Tries all at the same time. */
    attempt: async (attempts: Attempt[]): Promise<Outcome[]> => {
      const stdout = new PassThrough();
      const said = text(stdout);
      const socket = await new Exec(definition.kubeConfig).exec(
        namespace,
        name,
        'ways',
        ['node', '-e', TRY, JSON.stringify(attempts)],
        stdout,
        null,
        null,
        false,
      );
      await new Promise(resolve => {
        socket.onclose = resolve;
      });
      stdout.end();
      return JSON.parse(await said);
    },
  };
}

export type WaysPod = Awaited<ReturnType<typeof waysPod>>;
