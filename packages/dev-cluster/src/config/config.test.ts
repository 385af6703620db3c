import { describeCluster } from '../cluster.ts';
import { renderCni } from './cni.ts';
import { renderContainerd } from './containerd.ts';
import { renderCorefile } from './coredns.ts';
import { renderKubelet } from './kubelet.ts';
import { renderKubeProxy } from './kubeProxy.ts';
import { renderRegistry } from './registry.ts';

const one = describeCluster('one', 0, '/state');
const two = describeCluster('two', 1, '/state');

describe('configuration', () => {
  it('of two clusters has no path in common', () => {
    const render = (cluster: typeof one) =>
      [
        renderContainerd(cluster, 'pause'),
        renderCni(cluster, 1400),
        renderKubelet(cluster),
        renderRegistry(cluster),
      ].join('\n');
    const paths = (text: string) => new Set(text.match(/\/state\/[^"\s]+/g));
    const shared = [...paths(render(one))].filter(path =>
      paths(render(two)).has(path),
    );
    expect(paths(render(one)).size).toBeGreaterThan(10);
    expect(shared).toEqual([]);
  });

  it('of the kubelet runs on either version of cgroups, in a group of its own', () => {
    expect(JSON.parse(renderKubelet(two))).toMatchObject({
      failCgroupV1: false,
      cgroupDriver: 'cgroupfs',
      cgroupRoot: '/mcp-two',
      address: '10.244.1.1',
      clusterDNS: ['10.96.0.10'],
      authentication: { anonymous: { enabled: false } },
    });
  });

  it('of containerd needs no special rights and keeps namespaces apart', () => {
    const text = renderContainerd(one, 'pause:1');
    expect(text).toContain('restrict_oom_score_adj = true');
    expect(text).toContain('netns_mounts_under_state_dir = true');
    expect(text).toContain('sandbox_image = "pause:1"');
  });

  it('of the network uses the cluster’s subnet and the machine’s packet size', () => {
    const [bridge] = JSON.parse(renderCni(two, 1400)).plugins;
    expect(bridge).toMatchObject({ bridge: 'mcp0', mtu: 1400, ipMasq: true });
    expect(bridge.ipam.ranges).toEqual([
      [{ subnet: '10.244.1.0/24', gateway: '10.244.1.1' }],
    ]);
  });

  it('of kube-proxy masquerades where bridges cannot be filtered, and leaves conntrack alone', () => {
    const render = (filter: boolean) =>
      JSON.parse(renderKubeProxy(one, filter));
    expect(render(true).iptables.masqueradeAll).toBe(false);
    expect(render(false).iptables.masqueradeAll).toBe(true);
    expect(render(true).nodePortAddresses).toEqual(['10.244.0.1/32']);
    expect(render(true).conntrack).toMatchObject({
      maxPerCore: 0,
      tcpEstablishedTimeout: '0s',
    });
  });

  it('of the registry listens on loopback under its outer port', () => {
    expect(JSON.parse(renderRegistry(two)).http.addr).toBe('127.0.0.1:5002');
  });

  it('of DNS answers where the machine expects its own resolver, and asks the one behind', () => {
    const text = renderCorefile(one, {
      upstream: ['192.168.1.1'],
      local: ['127.0.0.53'],
    });
    expect(text).toContain('bind 10.244.0.1 127.0.0.53\n');
    expect(text).toContain('forward . 192.168.1.1\n');
    expect(renderCorefile(one, { upstream: [], local: [] })).not.toContain(
      'forward',
    );
  });
});
