import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { cniBinDir, cniConfigFile } from '../config/cni.ts';
import { componentKubeconfig } from '../pki.ts';
import { ensurePackages } from '../system/debianPackages.ts';
import { writeWhole } from '../system/files.ts';
import type { AddOn, AddOnContext } from './AddOn.ts';
import { askSocket } from './askSocket.ts';
import { buildProgram, copyKinds, copyPatched } from './goModule.ts';
import { namesByPod, removePod } from './namesByPod.ts';
import { renewPods } from './renewPods.ts';

const CILIUM = 'github.com/cilium/cilium';
const PROGRAMS = { agent: 'daemon', plugin: 'plugins/cilium-cni' } as const;
/** The folder whose place is fixed in Cilium. Only its processes see what is in it: see `privately`. */
export const CILIUM_RUN = '/run/cilium';
const PLUGIN = 'cilium-cni';
const AGENT_ADDRESS = '169.254.88.1';

/** Those that the agent waits for; its operator, which would make them, is not needed on one node. */
const KINDS =
  /^cilium(networkpolicies|clusterwidenetworkpolicies|nodes|identities|endpoints|cidrgroups|podippools|loadbalancerippools|l2announcementpolicies)\.yaml$/;

/** What the agent compiles its programs for the kernel with, and finds out what the kernel can. */
const tools = [
  { file: 'clang-16', debianPackage: 'clang-16' },
  { file: 'llc-16', debianPackage: 'llvm-16' },
  { file: 'bpftool', debianPackage: 'bpftool' },
];

/** Parts of the kernel that the agent looks for; without loadable modules it has no list of them, and they are built in. */
const MODULES = [
  ...['ip_tables', 'iptable_nat', 'iptable_mangle', 'iptable_raw'],
  ...['iptable_filter', 'xt_socket', 'ip_set'],
];

const path = ({ etc }: AddOnContext) => ({
  run: join(etc, 'run'),
  socket: join(etc, 'run', 'cilium.sock'),
  procfs: join(etc, 'proc'),
  tools: join(etc, 'tools'),
  lib: join(etc, 'lib'),
});

/**
 * Runs a program with a `/run/cilium`, and mounts, that nobody else sees: two clusters, or a Cilium of the machine, do
 * not meet, and maps and mounts go with the last process.
 */
const privately = (run: string, ...command: string[]) => [
  ...['unshare', '--mount', '--propagation', 'slave', 'sh', '-c'],
  `mount --bind "$0" ${CILIUM_RUN} && exec "$@"`,
  run,
  ...command,
];

function layOut(context: AddOnContext): void {
  const { bin } = context;
  const { run, procfs, tools: links, lib } = path(context);
  for (const folder of [run, links, lib, join(procfs, 'sys'), CILIUM_RUN]) {
    mkdirSync(folder, { recursive: true });
  }
  // Settings of the network are the cluster's own; those of the kernel, which the agent would change too, are not in here.
  link('/proc/sys/net', join(procfs, 'sys', 'net'));
  link('/usr/bin/clang-16', join(links, 'clang'));
  link('/usr/bin/llc-16', join(links, 'llc'));
  cpSync(join(bin, 'bpf'), join(lib, 'bpf'), { recursive: true });
  const loaded = existsSync('/proc/modules')
    ? readFileSync('/proc/modules', 'utf8')
    : MODULES.map(name => `${name} 0 0 - Live 0x0\n`).join('');
  writeWhole(join(run, 'modules'), loaded, 0o644);
}

function link(target: string, at: string): void {
  rmSync(at, { force: true });
  symlinkSync(target, at);
}

function startAgent(context: AddOnContext): void {
  const { cluster, bin, etc, launch } = context;
  const { run, procfs, tools: links, lib } = path(context);
  launch({
    name: 'cilium',
    command: [
      'env',
      `PATH=${links}:/usr/sbin:/usr/bin:/sbin:/bin`,
      `K8S_NODE_NAME=${cluster.nodeName}`,
      'CILIUM_K8S_NAMESPACE=kube-system',
      ...privately(run, join(bin, 'agent')),
      `--k8s-kubeconfig-path=${componentKubeconfig(cluster, 'admin')}`,
      // The bridge stays, and gives out the addresses; only what comes and goes is looked at.
      '--cni-chaining-mode=generic-veth',
      '--cni-exclusive=false',
      '--ipam=crd',
      '--routing-mode=native',
      `--ipv4-native-routing-cidr=${cluster.podSubnet}`,
      `--devices=${cluster.bridge}`,
      '--enable-host-legacy-routing=true',
      '--enable-ipv4-masquerade=false',
      '--enable-ipv6=false',
      '--enable-ipv6-masquerade=false',
      '--enable-l2-neigh-discovery=false',
      '--kube-proxy-replacement=false',
      '--enable-l7-proxy=false',
      '--enable-hubble=false',
      '--enable-health-checking=false',
      '--enable-endpoint-health-checking=false',
      '--agent-health-port=9879',
      '--identity-allocation-mode=crd',
      '--bpf-map-dynamic-size-ratio=0.0005',
      `--procfs=${procfs}`,
      `--lib-dir=${lib}`,
      `--bpf-root=${join(etc, 'bpf')}`,
      `--cgroup-root=${join(etc, 'cgroup')}`,
    ],
  });
}

/** The agent wants an address of its own, which is of no use here. */
const node = ({ cluster }: AddOnContext) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNode',
  metadata: { name: cluster.nodeName },
  spec: { ipam: { pool: { [AGENT_ADDRESS]: {} } } },
});

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** From now on every new pod passes through the agent. */
function chain(context: AddOnContext): void {
  const { cluster, bin } = context;
  const plugin = join(cniBinDir(cluster), PLUGIN);
  const command = privately(path(context).run, join(bin, 'plugin'));
  writeWhole(plugin, `#!/bin/sh\nexec ${command.map(quoted).join(' ')}\n`);
  chmodSync(plugin, 0o755);
  const file = cniConfigFile(cluster);
  const list = JSON.parse(readFileSync(file, 'utf8'));
  const others = list.plugins.filter(
    ({ type }: { type: string }) => type !== PLUGIN,
  );
  const ours = { type: PLUGIN, 'chaining-mode': 'generic-veth' };
  const chained = { ...list, plugins: [...others, ours] };
  writeWhole(file, JSON.stringify(chained, null, 2), 0o644);
}

async function isHealthy(context: AddOnContext): Promise<boolean> {
  const answer = await askSocket(path(context).socket, '/v1/healthz');
  return answer !== undefined && JSON.parse(answer).cilium?.state === 'Ok';
}

interface Endpoint {
  status: { networking?: { addressing?: Array<{ ipv4?: string }> } };
}

/** Addresses of the pods that pass through the agent. */
async function protectedAddresses(context: AddOnContext): Promise<string[]> {
  const answer = await askSocket(path(context).socket, '/v1/endpoint');
  const endpoints = JSON.parse(answer ?? '[]') as Endpoint[];
  return endpoints.flatMap(({ status }) =>
    (status.networking?.addressing ?? []).flatMap(({ ipv4 }) => ipv4 ?? []),
  );
}

/** Cilium behind the bridge, for NetworkPolicies alone. */
export const networkPolicy: AddOn = {
  name: 'network-policy',
  processes: ['cilium'],
  async build(folder) {
    const source = join(folder, 'source');
    await copyPatched('network-policy', CILIUM, source, {
      file: 'pkg/datapath/linux/modules/modules_linux.go',
      from: '"/proc/modules"',
      to: `"${CILIUM_RUN}/modules"`,
    });
    for (const [program, goPackage] of Object.entries(PROGRAMS)) {
      await buildProgram(
        source,
        `${CILIUM}/${goPackage}`,
        join(folder, program),
        'osusergo',
      );
    }
    renameSync(join(source, 'required', 'bpf'), join(folder, 'bpf'));
    rmSync(source, { recursive: true });
    for (const version of ['v2', 'v2alpha1']) {
      await copyKinds(
        'network-policy',
        CILIUM,
        `pkg/k8s/apis/cilium.io/client/crds/${version}`,
        join(folder, 'crds'),
        KINDS,
      );
    }
  },
  async start(context) {
    await ensurePackages(tools);
    await context.applyKinds(join(context.bin, 'crds'));
    await context.apply(node(context));
    layOut(context);
    startAgent(context);
    await context.until('Cilium', () => isHealthy(context), 120);
    chain(context);
    await namesByPod(context);
    await renewPods(context, () => protectedAddresses(context));
  },
  async remove(context) {
    await removePod(context);
    await context.kubectl(
      ...['delete', '--ignore-not-found', '--timeout=60s'],
      ...['-f', join(context.bin, 'crds')],
    );
  },
};
