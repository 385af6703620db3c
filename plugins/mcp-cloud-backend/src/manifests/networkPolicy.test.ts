import type { V1NetworkPolicyPeer } from '@kubernetes/client-node';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { contains } from './addressRanges';
import { networkPolicy, rangeProblem, type PolicySpec } from './networkPolicy';
import type { NetworkSettings } from './types';

/** One end of a way: an address outside of the cluster, or a pod. */
type End =
  | { ip: string }
  | { pod: Record<string, string>; namespace?: Record<string, string> };

const OWN_NAMESPACE = { name: 'mcp-servers' };
const SERVER = { 'mcp-cloud.io/server': 'the-id' };
const replica: End = { pod: SERVER };
const otherServer: End = { pod: { 'mcp-cloud.io/server': 'other' } };
const dns: End = { pod: { 'k8s-app': 'kube-dns' }, namespace: { name: 'dns' } };
const database: End = { pod: { app: 'database' } };
const cache: End = { pod: { app: 'cache' }, namespace: { team: 'a' } };
const gateway: End = { pod: { app: 'envoy' }, namespace: { name: 'gateways' } };
const node: End = { ip: '192.168.1.10' };
const internet: End = { ip: '93.184.216.34' };
const internet6: End = { ip: '2606:2800:220:1::1' };

const hasAll = (
  labels: Record<string, string>,
  selector: { matchLabels?: Record<string, string> } | undefined,
) =>
  Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => labels[key] === value,
  );

/** Whether a rule's peer means this end, as Kubernetes documents it. */
function means(peer: V1NetworkPolicyPeer, end: End): boolean {
  if (peer.ipBlock) {
    const { cidr, except = [] } = peer.ipBlock;
    return (
      'ip' in end &&
      contains(cidr, end.ip) &&
      !except.some(range => contains(range, end.ip))
    );
  }
  if ('ip' in end) {
    return false;
  }
  const inNamespace = peer.namespaceSelector
    ? hasAll(end.namespace ?? OWN_NAMESPACE, peer.namespaceSelector)
    : end.namespace === undefined;
  return inNamespace && hasAll(end.pod, peer.podSelector);
}

function isOpen(
  { ingress, egress }: PolicySpec,
  direction: 'from' | 'to',
  end: End,
  port: number,
  protocol = 'TCP',
): boolean {
  const rules =
    direction === 'from'
      ? ingress.map(({ from, ports }) => ({ peers: from, ports }))
      : egress.map(({ to, ports }) => ({ peers: to, ports }));
  return rules.some(
    ({ peers, ports }) =>
      (!peers?.length || peers.some(peer => means(peer, end))) &&
      (!ports?.length ||
        ports.some(one => one.port === port && one.protocol === protocol)),
  );
}

const policy = (network: object, platform?: NetworkSettings) =>
  networkPolicy(
    serverSpecSchema.parse({
      name: 'x',
      owner: 'group:default/a',
      cluster: 'dev',
      image: 'r.example/x:1',
      network,
    }),
    SERVER,
    platform,
  );
const LISTED = {
  egress: 'listed',
  to: [
    { cidr: '203.0.113.0/24', ports: [443] },
    { pods: { app: 'database' }, ports: [5432] },
    { namespace: { team: 'a' }, pods: { app: 'cache' } },
  ],
};

describe('networkPolicy', () => {
  it.each<[string, End, number, boolean]>([
    ['a node, by which the API server’s proxy comes', node, 8080, true],
    ['a gateway', gateway, 8080, true],
    ['another server', otherServer, 8080, true],
    ['a node for metrics', node, 9090, true],
    ['a replica for sessions', replica, 8081, true],
    ['another server for sessions', otherServer, 8081, false],
    ['a node for sessions', node, 8081, false],
    ['a node at another port', node, 22, false],
  ])('lets in by default: %s', (_, end, port, open) => {
    expect(isOpen(policy({}), 'from', end, port)).toBe(open);
  });

  it('lets in only the sources that the platform names, and replicas', () => {
    const platform = {
      sources: [
        { cidr: '192.168.1.0/24' },
        { namespace: { name: 'gateways' }, pods: { app: 'envoy' } },
      ],
    };
    const from = (end: End, port = 8080) =>
      isOpen(policy({}, platform), 'from', end, port);
    expect([from(node), from(gateway), from(replica, 8081)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([
      from(otherServer),
      from(internet),
      from({ ...gateway, namespace: { name: 'other' } }),
    ]).toEqual([false, false, false]);
  });

  const ways: Array<[string, End, number, string, boolean[]]> = [
    // To whom, at which port, and whether it is open for internet, listed and none.
    ['names', dns, 53, 'UDP', [true, true, true]],
    ['names over TCP', dns, 53, 'TCP', [true, true, true]],
    ['replicas', replica, 8081, 'TCP', [true, true, true]],
    ['public addresses', internet, 443, 'TCP', [true, false, false]],
    ['public addresses of IPv6', internet6, 443, 'TCP', [true, false, false]],
    ['what is listed', { ip: '203.0.113.7' }, 443, 'TCP', [true, true, false]],
    ['its other ports', { ip: '203.0.113.7' }, 80, 'TCP', [true, false, false]],
    ['listed pods', database, 5432, 'TCP', [false, true, false]],
    ['their other ports', database, 22, 'TCP', [false, false, false]],
    ['listed pods elsewhere', cache, 6379, 'TCP', [false, true, false]],
    ['another server', otherServer, 8080, 'TCP', [false, false, false]],
    ['the gateway', gateway, 443, 'TCP', [false, false, false]],
    ...[
      '10.96.0.1',
      '172.16.3.4',
      '192.168.1.10',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '224.0.0.1',
      '::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::1',
      '2001:0:a00:1::1',
      'fd00::1',
      'fe80::1',
      'ff02::1',
      // Public, and yet of this cluster.
      '198.51.100.9',
      '2001:db8:1::9',
    ].map(
      ip =>
        [ip, { ip }, 443, 'TCP', [false, false, false]] as [
          string,
          End,
          number,
          string,
          boolean[],
        ],
    ),
  ];
  it.each(ways)(
    'lets out to %s as the table says',
    (_, end, port, protocol, open) => {
      const platform = {
        clusterRanges: ['198.51.100.0/24', '2001:db8:1::/48'],
      };
      const found = [{}, LISTED, { egress: 'none' }].map(network =>
        isOpen(policy(network, platform), 'to', end, port, protocol),
      );
      expect(found).toEqual(open);
    },
  );

  it.each([
    ['203.0.113.0/24', undefined],
    ['2606:2800::/32', undefined],
    ['10.1.0.0/16', /private/],
    ['0.0.0.0/0', /private/],
    ['::/0', /private/],
    ['169.254.169.254/32', /private/],
    ['fd00::/8', /private/],
    ['::ffff:1.1.1.1/128', /private/],
    ['2000::/3', /private/],
    ['198.51.100.0/25', /of the cluster/],
    ['10.9.1.0/24', undefined],
    ['10.9.0.0/15', /private/],
    ['999.0.0.0/8', /no range/],
    ['1.2.3.4/33', /no range/],
  ])('of a range %s that a Spec lists says %p', (cidr, problem) => {
    const found = rangeProblem(cidr, {
      clusterRanges: ['198.51.100.0/24'],
      allowedRanges: ['10.9.0.0/16'],
    });
    expect(found ?? 'nothing').toMatch(problem ?? /^nothing$/);
  });
});
