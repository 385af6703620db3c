import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  API_SERVICE_ADDRESS,
  folders,
  INNER_API_PORT,
  kubeconfigPath,
} from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { run } from './system/exec.ts';
import { writeWhole } from './system/files.ts';
import { renderKubeconfig } from './kubeconfig.ts';

/** A certificate, and so an identity: the common name is the user, the organisation its group. */
interface Identity {
  file: string;
  subject: string;
  /** For servers: the names and addresses they are reached by. */
  names?: string[];
}

export const clients = {
  admin: '/O=system:masters/CN=admin',
  kubelet: '/O=system:nodes/CN=system:node:node',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  'kube-proxy': '/CN=system:kube-proxy',
  coredns: '/CN=system:coredns',
  'metrics-server': '/CN=system:metrics-server',
};

export function identities(cluster: Cluster): Identity[] {
  const service = (name: string, namespace: string) => [
    `DNS:${name}`,
    `DNS:${name}.${namespace}`,
    `DNS:${name}.${namespace}.svc`,
  ];
  const node = `IP:${cluster.nodeAddress}`;
  return [
    {
      file: 'apiserver',
      subject: '/CN=kube-apiserver',
      names: [
        ...service('kubernetes', 'default'),
        'DNS:localhost',
        `IP:${API_SERVICE_ADDRESS}`,
        'IP:127.0.0.1',
        node,
      ],
    },
    {
      file: 'kubelet-server',
      subject: `/CN=${cluster.nodeName}`,
      names: [`DNS:${cluster.nodeName}`, node],
    },
    {
      file: 'metrics-server-server',
      subject: '/CN=metrics-server',
      names: [...service('metrics-server', 'kube-system'), node],
    },
    {
      file: 'apiserver-kubelet-client',
      subject: '/O=system:masters/CN=kube-apiserver',
    },
    { file: 'front-proxy', subject: '/CN=front-proxy' },
    ...Object.entries(clients).map(([file, subject]) => ({ file, subject })),
  ];
}

export function opensslConfig(all: Identity[]): string {
  const sections = all.map(({ file, names }) =>
    [
      `[${file}]`,
      'basicConstraints = critical, CA:false',
      `extendedKeyUsage = ${names ? 'serverAuth' : 'clientAuth'}`,
      ...(names ? [`subjectAltName = ${names.join(', ')}`] : []),
    ].join('\n'),
  );
  const head = [
    '[req]',
    'distinguished_name = subject',
    '[subject]',
    '[authority]',
    'basicConstraints = critical, CA:true',
    'keyUsage = critical, keyCertSign, cRLSign, digitalSignature',
  ].join('\n');
  return `${[head, ...sections].join('\n')}\n`;
}

/** Makes the cluster's authority and all certificates, once in its life. */
export async function ensureCertificates(cluster: Cluster): Promise<void> {
  const { pki } = folders(cluster);
  if (existsSync(pki)) {
    return;
  }
  const dir = `${pki}.tmp`;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const all = identities(cluster);
  writeFileSync(join(dir, 'openssl.cnf'), opensslConfig(all));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  const request = (file: string, subject: string, ...rest: string[]) =>
    openssl(
      ...[
        'req',
        '-x509',
        '-config',
        'openssl.cnf',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
      ],
      ...[
        '-nodes',
        '-days',
        '3650',
        '-keyout',
        `${file}.key`,
        '-out',
        `${file}.crt`,
        '-subj',
        subject,
        ...rest,
      ],
    );
  await request('ca', `/CN=${cluster.id}`, '-extensions', 'authority');
  await Promise.all([
    ...all.map(({ file, subject }) =>
      request(
        file,
        subject,
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-extensions',
        file,
      ),
    ),
    openssl(
      'genpkey',
      '-algorithm',
      'RSA',
      '-pkeyopt',
      'rsa_keygen_bits:2048',
      '-out',
      'sa.key',
    ),
  ]);
  await openssl('pkey', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  renameSync(dir, pki);
}

export const componentKubeconfig = (
  cluster: Cluster,
  client: keyof typeof clients,
) => join(folders(cluster).etc, `${client}.kubeconfig`);

/** Writes a kubeconfig for each component, and the administrator's for use from the host. */
export function writeKubeconfigs(cluster: Cluster): void {
  const { pki } = folders(cluster);
  const pem = (file: string) => readFileSync(join(pki, file), 'utf8');
  const render = (client: string, server: string) =>
    renderKubeconfig({
      context: cluster.id,
      server,
      ca: pem('ca.crt'),
      certificate: pem(`${client}.crt`),
      key: pem(`${client}.key`),
    });
  for (const client of Object.keys(clients) as (keyof typeof clients)[]) {
    writeWhole(
      componentKubeconfig(cluster, client),
      render(client, `https://${cluster.nodeAddress}:${INNER_API_PORT}`),
    );
  }
  writeWhole(
    kubeconfigPath(cluster),
    render('admin', `https://127.0.0.1:${cluster.ports.apiServer}`),
  );
}
