import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { KubeConfig } from '@kubernetes/client-node';
import type {
  ClusterDefinition,
  ClusterProvider,
} from '@mcp-cloud/plugin-mcp-cloud-node';
import { readOwnerNamespaces } from './readOwnerNamespaces';

/** Namespace that servers live in where the configuration names none. */
export const DEFAULT_NAMESPACE = 'mcp-servers';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The clusters of `mcpCloud.clusters`. Each has one way in: `kubeconfig` (a path, with an optional `context`),
 * `inCluster: true`, or `url` with `token` and `caData` or `caFile`. Throws `InputError` that names the entry.
 */
export function readClusters(config: Config): ClusterProvider {
  const entries = config.getOptionalConfigArray('mcpCloud.clusters') ?? [];
  const without =
    config.getOptionalStringArray('mcpCloud.servers.without') ?? [];
  const definitions = entries.map((entry, index) =>
    readCluster(entry, `mcpCloud.clusters[${index}]`, without),
  );
  return { getClusters: async () => definitions };
}

function readCluster(
  entry: Config,
  where: string,
  without: string[],
): ClusterDefinition {
  const name = entry.getString('name');
  if (!DNS_LABEL.test(name)) {
    throw new InputError(
      `${where}.name is "${name}". Use lower-case letters, digits and hyphens.`,
    );
  }
  const namespace = entry.getOptionalString('namespace') ?? DEFAULT_NAMESPACE;
  if (!DNS_LABEL.test(namespace)) {
    throw new InputError(
      `${where}.namespace is "${namespace}". Use lower-case letters, digits and hyphens.`,
    );
  }
  const ownerNamespaces = readOwnerNamespaces(entry, where, without);
  if (ownerNamespaces && namespace.startsWith(ownerNamespaces.prefix)) {
    throw new InputError(
      `${where}.namespace is "${namespace}", which is called like the namespace of an owner. Choose another ${where}.namespaces.prefix.`,
    );
  }
  const ways = [
    entry.has('kubeconfig') && 'kubeconfig',
    entry.getOptionalBoolean('inCluster') && 'inCluster',
    entry.has('url') && 'url',
  ].filter(Boolean);
  if (ways.length !== 1) {
    throw new InputError(
      `${where} (${name}) needs exactly one of kubeconfig, inCluster: true or url; it has ${
        ways.join(' and ') || 'none'
      }.`,
    );
  }
  return {
    name,
    title: entry.getOptionalString('title'),
    namespace,
    ...(ownerNamespaces && { ownerNamespaces }),
    kubeConfig: kubeConfigOf(entry, where, name),
  };
}

function kubeConfigOf(entry: Config, where: string, name: string): KubeConfig {
  if (entry.has('kubeconfig')) {
    return fromFile(entry, where);
  }
  return entry.has('url') ? fromUrl(entry, where, name) : fromInside(where);
}

function fromFile(entry: Config, where: string): KubeConfig {
  const path = entry.getString('kubeconfig');
  const kubeConfig = new KubeConfig();
  try {
    kubeConfig.loadFromFile(path);
  } catch (error) {
    const { code } = error as { code?: string };
    throw new InputError(
      code === 'ENOENT'
        ? `${where}.kubeconfig: there is no file ${path}.`
        : `${where}.kubeconfig: ${path} could not be read as a kubeconfig${
            code ? ` (${code})` : ''
          }.`,
    );
  }
  const context = entry.getOptionalString('context');
  if (context) {
    if (!kubeConfig.getContextObject(context)) {
      const known = kubeConfig.getContexts().map(one => one.name);
      throw new InputError(
        `${where}.context: ${path} has no context ${context}, only ${
          known.join(', ') || 'none'
        }.`,
      );
    }
    kubeConfig.setCurrentContext(context);
  }
  if (!kubeConfig.getCurrentCluster()) {
    throw new InputError(
      `${where}.kubeconfig: ${path} names no current context. Set ${where}.context.`,
    );
  }
  return kubeConfig;
}

function fromUrl(entry: Config, where: string, name: string): KubeConfig {
  const server = entry.getString('url');
  let url: URL;
  try {
    url = new URL(server);
  } catch {
    throw new InputError(`${where}.url is not an address: ${server}`);
  }
  if (url.protocol !== 'https:') {
    throw new InputError(
      `${where}.url must begin with https://, as a token is sent to it.`,
    );
  }
  const caData = entry.getOptionalString('caData');
  const caFile = entry.getOptionalString('caFile');
  if (caData && caFile) {
    throw new InputError(`${where} has caData and caFile. Keep one of them.`);
  }
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name, server, caData, caFile, skipTLSVerify: false },
    { name, token: entry.getString('token') },
  );
  return kubeConfig;
}

function fromInside(where: string): KubeConfig {
  if (!process.env.KUBERNETES_SERVICE_HOST) {
    throw new InputError(
      `${where}.inCluster is true, but the backend does not run in a Kubernetes pod.`,
    );
  }
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromCluster();
  return kubeConfig;
}
