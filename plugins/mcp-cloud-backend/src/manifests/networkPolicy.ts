import type {
  V1NetworkPolicyEgressRule,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from '@kubernetes/client-node';
import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { familyOf, INTERNET, isWithin, NOT_PUBLIC } from './addressRanges';
import { ADMIN_PORT, MCP_PORT, PEERS_PORT } from './names';
import type { NetworkSettings } from './types';

/** As the API server has them; the library calls `from` otherwise. */
interface IngressRule {
  from?: V1NetworkPolicyPeer[];
  ports: V1NetworkPolicyPort[];
}
export interface PolicySpec {
  podSelector: { matchLabels: Record<string, string> };
  policyTypes: string[];
  ingress: IngressRule[];
  egress: V1NetworkPolicyEgressRule[];
}

const tcp = (port: number): V1NetworkPolicyPort => ({ port, protocol: 'TCP' });
const udp = (port: number): V1NetworkPolicyPort => ({ port, protocol: 'UDP' });
const DNS_PORT = 53;

/**
 * The ways to and from the pods with these labels; every other one is closed.
 *
 * | who               | whom                     | port                |
 * | ----------------- | ------------------------ | ------------------- |
 * | `network.sources` | the server               | 8080, 9090          |
 * | its replicas      | its replicas             | 8081                |
 * | the server        | any pod, for names       | 53                  |
 * | the server        | public addresses         | all, for `internet` |
 * | the server        | what `network.to` lists  | those that it lists |
 */
export function networkPolicy(
  { network }: ServerSpec,
  matchLabels: Record<string, string>,
  platform: NetworkSettings = {},
): PolicySpec {
  const replicas = [{ podSelector: { matchLabels } }];
  const ingress: IngressRule[] = [
    {
      // No `from` by default: the API server's proxy comes from a node's own address, which no selector can name.
      ...(platform.sources && { from: platform.sources.map(peerOf) }),
      ports: [tcp(MCP_PORT), tcp(ADMIN_PORT)],
    },
    { from: replicas, ports: [tcp(PEERS_PORT)] },
  ];
  const egress: V1NetworkPolicyEgressRule[] = [
    { to: replicas, ports: [tcp(PEERS_PORT)] },
    {
      to: [{ namespaceSelector: {} }],
      ports: [udp(DNS_PORT), tcp(DNS_PORT)],
    },
    ...(network.egress === 'internet'
      ? [{ to: internet(platform.clusterRanges) }]
      : []),
    ...network.to.map(({ ports, ...target }) => ({
      to: [peerOf(target)],
      ...(ports && { ports: ports.flatMap(port => [tcp(port), udp(port)]) }),
    })),
  ];
  return {
    podSelector: { matchLabels },
    policyTypes: ['Ingress', 'Egress'],
    ingress,
    egress,
  };
}

function internet(clusterRanges: string[] = []): V1NetworkPolicyPeer[] {
  const closed = [...new Set([...NOT_PUBLIC, ...clusterRanges])];
  return INTERNET.map(cidr => ({
    ipBlock: {
      cidr,
      except: closed.filter(range => isWithin(range, cidr)),
    },
  }));
}

/** Labels of pods alone mean those of the server's own namespace, as Kubernetes has it. */
function peerOf({
  cidr,
  pods,
  namespace,
}: {
  cidr?: string;
  pods?: Record<string, string>;
  namespace?: Record<string, string>;
}): V1NetworkPolicyPeer {
  return cidr
    ? { ipBlock: { cidr } }
    : {
        ...(namespace && { namespaceSelector: { matchLabels: namespace } }),
        ...(pods && { podSelector: { matchLabels: pods } }),
      };
}

/** Why a server may not reach a range, or nothing when it may: public ones, and those that the platform allows. */
export function rangeProblem(
  cidr: string,
  { allowedRanges = [], clusterRanges = [] }: NetworkSettings = {},
): string | undefined {
  if (!familyOf(cidr)) {
    return `${cidr} is no range of addresses. Write 203.0.113.0/24 or 2001:db8::/32.`;
  }
  const isAllowed = allowedRanges.some(range => isWithin(cidr, range));
  const isPublic =
    INTERNET.some(range => isWithin(cidr, range)) &&
    ![...NOT_PUBLIC, ...clusterRanges].some(
      range => isWithin(cidr, range) || isWithin(range, cidr),
    );
  return !isPublic && !isAllowed
    ? `${cidr} holds addresses that are private or of the cluster. Ask the platform's operators to allow it (mcpCloud.servers.network.allowedRanges), or name pods by labels.`
    : undefined;
}
