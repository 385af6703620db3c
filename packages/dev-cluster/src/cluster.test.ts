import {
  checkName,
  describeCluster,
  hostPorts,
  infoOf,
  MAX_CLUSTERS,
} from './cluster.ts';

describe('describeCluster', () => {
  it('gives each index its own ports, subnets and interface', () => {
    const all = Array.from({ length: MAX_CLUSTERS }, (_, i) =>
      describeCluster('dev', i, '/s'),
    );
    const ports = all.flatMap(hostPorts);
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(32768);
    for (const key of ['nodeAddress', 'podSubnet'] as const) {
      expect(new Set(all.map(cluster => cluster[key])).size).toBe(MAX_CLUSTERS);
    }
    expect(new Set(all.map(cluster => cluster.link.subnet)).size).toBe(
      MAX_CLUSTERS,
    );
    // The kernel cuts no name short; it refuses those of 16 characters and more.
    expect(all.every(cluster => cluster.link.host.length <= 15)).toBe(true);
  });

  it('starts at the documented ports', () => {
    expect(infoOf(describeCluster('dev', 0, '/state/clusters'))).toEqual({
      name: 'dev',
      kubeconfig: '/state/clusters/dev/kubeconfig',
      context: 'mcp-dev',
      apiServer: 'https://127.0.0.1:16443',
      registry: '127.0.0.1:5001',
      nodePortRange: [30000, 30049],
      ingress: {
        http: 'http://127.0.0.1:17080',
        https: 'https://127.0.0.1:17443',
      },
      stateDir: '/state/clusters/dev',
    });
  });

  it.each([-1, 1.5, MAX_CLUSTERS])('refuses the index %s', index => {
    expect(() => describeCluster('dev', index, '/s')).toThrow(/index/);
  });
});

describe('checkName', () => {
  it.each(['dev', 'a', 'drill-2', 'a'.repeat(20)])('takes %s', name => {
    expect(checkName(name)).toBe(name);
  });
  it.each(['', 'Dev', '2nd', '-a', 'a-', 'a_b', '../x', 'a'.repeat(21)])(
    'refuses "%s"',
    name => {
      expect(() => checkName(name)).toThrow(/cannot name a cluster/);
    },
  );
});
