import { join } from 'node:path';
import { addOnDir } from '../paths.ts';
import { componentKubeconfig } from '../pki.ts';
import type { AddOn } from './AddOn.ts';
import { buildProgram, copyKinds } from './goModule.ts';

const OBJECTS = join(addOnDir('certificates'), 'objects', 'issuers.yaml');
const GATEWAY = ['--namespace=ingress', 'gateway/dev'];
/** The issuer that an Ingress or a Gateway names by cert-manager's annotation. */
const ISSUER = 'dev-ca';

/** cert-manager's controllers with an authority of the cluster's own. Where there is a Gateway, its listener gets a certificate. */
export const certificates: AddOn = {
  name: 'certificates',
  processes: ['cert-manager'],
  async build(folder) {
    await buildProgram(
      addOnDir('certificates'),
      '.',
      join(folder, 'cert-manager'),
    );
    await copyKinds(
      'certificates',
      'github.com/cert-manager/cert-manager',
      'deploy/crds',
      join(folder, 'crds'),
    );
  },
  async start({ cluster, bin, kubectl, applyKinds, launch, until }) {
    await applyKinds(join(bin, 'crds'));
    const gateways = await kubectl(
      ...['get', 'crd', '--ignore-not-found', '--output=name'],
      'gateways.gateway.networking.k8s.io',
    );
    const hasGateways = gateways.trim() !== '';
    launch({
      name: 'cert-manager',
      command: [
        join(bin, 'cert-manager'),
        `--kubeconfig=${componentKubeconfig(cluster, 'admin')}`,
        `--gateways=${hasGateways}`,
      ],
    });
    await kubectl('apply', '--server-side', '-f', OBJECTS);
    await until(
      `the issuer ${ISSUER}`,
      async () => {
        const ready = '{.status.conditions[?(@.type=="Ready")].status}';
        const said = await kubectl(
          ...['get', 'clusterissuer', ISSUER],
          `--output=jsonpath=${ready}`,
        );
        return said === 'True';
      },
      60,
    );
    if (hasGateways) {
      await kubectl(
        ...['annotate', '--overwrite', ...GATEWAY],
        `cert-manager.io/cluster-issuer=${ISSUER}`,
      );
    }
  },
  async remove({ bin, kubectl }) {
    const gone = ['delete', '--ignore-not-found', '--timeout=60s'];
    // All issuers and certificates go with their kinds.
    await Promise.all([
      kubectl(...gone, '-f', join(bin, 'crds')),
      kubectl(...gone, 'namespace', 'cert-manager'),
    ]);
  },
};
