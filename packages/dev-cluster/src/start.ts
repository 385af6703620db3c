import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { apiClient } from './api.ts';
import type { ApiClient } from './api.ts';
import { makeCgroups } from './cgroups.ts';
import { containerdSocket, folders } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { componentNames, components } from './components.ts';
import type { ComponentName } from './components.ts';
import {
  CNI_PLUGINS,
  cniBinDir,
  cniConfigFile,
  renderCni,
} from './config/cni.ts';
import { renderContainerd } from './config/containerd.ts';
import { renderCorefile } from './config/coredns.ts';
import { podLogDir, renderKubelet, resolvConf } from './config/kubelet.ts';
import { renderKubeProxy } from './config/kubeProxy.ts';
import { renderRegistry } from './config/registry.ts';
import { writeWhole } from './system/files.ts';
import { ensurePauseImage, pauseImageName } from './images.ts';
import { assertAlive, launch } from './launch.ts';
import { makeNetwork, outerMtu } from './network.ts';
import { systemObjects } from './objects.ts';
import { CNI_BIN_DIR, loadBridgeFilter } from './packages.ts';
import { ensureCertificates, writeKubeconfigs } from './pki.ts';
import { findResolvers } from './resolvers.ts';
import { say, step } from './system/steps.ts';
import { changeSysctls } from './sysctls.ts';
import { until } from './system/wait.ts';

/** Starts a cluster on a machine that has been cleaned of its leftovers. */
export async function startCluster(
  cluster: Cluster,
  bin: string,
): Promise<void> {
  const all = components(cluster, bin);
  const started: ComponentName[] = [];
  const guard = () => assertAlive(cluster, started);

  await step('certificates and configuration', () => configure(cluster, bin));
  await step('network', async () => {
    changeSysctls();
    await makeNetwork(cluster, await outerMtu());
  });
  const cgroupFiles = makeCgroups(cluster);
  const start = (...names: ComponentName[]) => {
    for (const name of names) {
      launch(cluster, cgroupFiles, all[name]);
      started.push(name);
    }
  };

  const api = apiClient(cluster);
  await step('API server and containerd', async () => {
    start('forward', 'etcd', 'containerd', 'registry', 'kube-apiserver');
    await until('containerd', () => canConnect(containerdSocket(cluster)), {
      seconds: 30,
      guard,
    });
    await ensurePauseImage(cluster, bin);
    await until('the API server', api.isReady, { seconds: 90, guard });
  });
  await step('node', async () => {
    await applySystemObjects(cluster, api, guard);
    const since = Date.now();
    start(
      'kubelet',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-proxy',
      'coredns',
      'metrics-server',
    );
    await until('the node', () => isNodeReady(cluster, api, since), {
      seconds: 90,
      guard,
    });
    await until('the default service account', () => hasServiceAccount(api), {
      seconds: 30,
      guard,
    });
  });
  assertAlive(cluster, componentNames);
}

async function configure(cluster: Cluster, bin: string): Promise<void> {
  const { etc, data, run, log } = folders(cluster);
  const plugins = cniBinDir(cluster);
  for (const dir of [etc, data, run, log, podLogDir(cluster), plugins]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  }
  for (const name of CNI_PLUGINS) {
    if (!existsSync(join(plugins, name))) {
      symlinkSync(join(CNI_BIN_DIR, name), join(plugins, name));
    }
  }
  await ensureCertificates(cluster);
  writeKubeconfigs(cluster);
  const resolvers = findResolvers();
  if (resolvers.upstream.length === 0) {
    say(
      '    no name server outside of loopback is known: pods will not resolve names outside the cluster',
    );
  }
  const files: Record<string, string> = {
    [join(etc, 'containerd.toml')]: renderContainerd(
      cluster,
      pauseImageName(bin),
    ),
    [cniConfigFile(cluster)]: renderCni(cluster, await outerMtu()),
    [join(etc, 'kubelet.yaml')]: renderKubelet(cluster),
    [join(etc, 'kube-proxy.yaml')]: renderKubeProxy(
      cluster,
      await loadBridgeFilter(),
    ),
    [join(etc, 'Corefile')]: renderCorefile(cluster, resolvers),
    [join(etc, 'registry.yaml')]: renderRegistry(cluster),
    [resolvConf(cluster)]: resolvers.upstream
      .map(address => `nameserver ${address}\n`)
      .join(''),
  };
  for (const [file, content] of Object.entries(files)) {
    writeWhole(file, content, 0o644);
  }
}

async function applySystemObjects(
  cluster: Cluster,
  api: ApiClient,
  guard: () => void,
): Promise<void> {
  const ca = readFileSync(join(folders(cluster).pki, 'ca.crt'), 'utf8');
  for (const object of systemObjects(cluster, ca)) {
    // Right after its start the API server may still turn a first request away.
    await until(
      `${object.kind} ${object.metadata.name}`,
      async () => (await api.apply(object)) !== '',
      { seconds: 20, guard },
    );
  }
}

interface Node {
  status: {
    conditions?: { type: string; status: string; lastHeartbeatTime: string }[];
  };
}

/** Ready, and said so by the kubelet that runs now: the old one's word is still in the store. */
async function isNodeReady(
  cluster: Cluster,
  api: ApiClient,
  since: number,
): Promise<boolean> {
  const node = await api.get<Node>(`/api/v1/nodes/${cluster.nodeName}`);
  const ready = node.status.conditions?.find(
    condition => condition.type === 'Ready',
  );
  // The API tells whole seconds.
  const heartbeat = Date.parse(ready?.lastHeartbeatTime ?? '') + 1000;
  return ready?.status === 'True' && heartbeat >= since;
}

async function hasServiceAccount(api: ApiClient): Promise<boolean> {
  return (
    (await api.get('/api/v1/namespaces/default/serviceaccounts/default')) !==
    undefined
  );
}

function canConnect(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
