/** A command line: the program, then its arguments. Kept apart from running it, so that it can be tested. */
export type CommandLine = [program: string, ...args: string[]];

export interface KindCluster {
  name: string;
  /** A file of our own: `kind` would else write into the person's kubeconfig and change its current context. */
  kubeconfig: string;
  registryPort: number;
}

/** The image registry beside the cluster; nodes reach it by this name. */
export const registryContainer = (name: string) => `${name}-registry`;
export const nodeContainer = (name: string) => `${name}-control-plane`;
export const registryAddress = (port: number) => `127.0.0.1:${port}`;

/** Lets containerd look up, per registry, where to ask instead. */
export const kindConfig = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  apiServerAddress: 127.0.0.1
containerdConfigPatches:
  - |-
    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = "/etc/containerd/certs.d"
`;

export const listClusters = (): CommandLine => ['kind', 'get', 'clusters'];

/** The configuration comes by standard input. */
export const createCluster = ({
  name,
  kubeconfig,
}: KindCluster): CommandLine => [
  'kind',
  'create',
  'cluster',
  '--name',
  name,
  '--kubeconfig',
  kubeconfig,
  '--config',
  '-',
  '--wait',
  '180s',
];

export const writeKubeconfig = ({
  name,
  kubeconfig,
}: KindCluster): CommandLine => [
  'kind',
  'export',
  'kubeconfig',
  '--name',
  name,
  '--kubeconfig',
  kubeconfig,
];

export const deleteCluster = ({
  name,
  kubeconfig,
}: KindCluster): CommandLine => [
  'kind',
  'delete',
  'cluster',
  '--name',
  name,
  '--kubeconfig',
  kubeconfig,
];

export const createRegistry = ({
  name,
  registryPort,
}: KindCluster): CommandLine => [
  'docker',
  'run',
  '--detach',
  '--restart=no',
  '--publish',
  `${registryAddress(registryPort)}:5000`,
  '--network',
  'kind',
  '--name',
  registryContainer(name),
  'registry:2',
];

/** In a node, 127.0.0.1 is the node itself: images named by that address are to be asked of the registry's container. */
export const redirectRegistry = ({
  name,
  registryPort,
}: KindCluster): CommandLine => {
  const folder = `/etc/containerd/certs.d/${registryAddress(registryPort)}`;
  const hosts = `[host."http://${registryContainer(name)}:5000"]`;
  return [
    'docker',
    'exec',
    nodeContainer(name),
    'sh',
    '-c',
    `mkdir -p '${folder}' && printf '%s\\n' '${hosts}' > '${folder}/hosts.toml'`,
  ];
};

export const isContainerRunning = (container: string): CommandLine => [
  'docker',
  'container',
  'inspect',
  '--format',
  '{{.State.Running}}',
  container,
];

export const startContainers = ({ name }: KindCluster): CommandLine => [
  'docker',
  'start',
  registryContainer(name),
  nodeContainer(name),
];

export const stopContainers = ({ name }: KindCluster): CommandLine => [
  'docker',
  'stop',
  nodeContainer(name),
  registryContainer(name),
];

export const removeRegistry = ({ name }: KindCluster): CommandLine => [
  'docker',
  'rm',
  '--force',
  '--volumes',
  registryContainer(name),
];
