import { describeCluster } from './cluster.ts';
import { componentNames, components, environmentOf } from './components.ts';

const cluster = describeCluster('dev', 2, '/state');
const all = components(cluster, '/bin');

describe('components', () => {
  it('are exactly those that are started', () => {
    expect(Object.keys(all).sort()).toEqual([...componentNames].sort());
  });

  it('listen on loopback or on the bridge, never on all addresses', () => {
    const words = Object.values(all).flatMap(component => component.command);
    expect(words.filter(word => word.includes('0.0.0.0'))).toEqual([]);
    const addresses = words.filter(word =>
      /--(bind-address|listen-client-urls|listen-peer-urls)=/.test(word),
    );
    expect(addresses).toHaveLength(6);
    expect(
      addresses.every(word =>
        /=(http:\/\/)?(127\.0\.0\.1|10\.244\.2\.1)/.test(word),
      ),
    ).toBe(true);
  });

  it('bring the ports of the cluster to loopback of the host', () => {
    expect(all.forward.command.slice(3)).toEqual([
      '127.0.0.1:16445=10.244.2.1:6443',
      '127.0.0.1:5003=127.0.0.1:5003',
      '127.0.0.1:30200-30249=10.244.2.1:30200-30249',
    ]);
  });
});

describe('environmentOf', () => {
  const env = {
    PATH: '/bin',
    HTTPS_PROXY: 'http://p:1',
    no_proxy: 'intern',
    KUBECONFIG: '/mine',
  };
  it('keeps proxies from the components', () => {
    expect(environmentOf('kubelet', env)).toEqual({ PATH: '/bin' });
  });
  it('lets containerd pull through them, but not from the cluster’s registry', () => {
    const { HTTPS_PROXY, NO_PROXY } = environmentOf('containerd', env);
    expect(HTTPS_PROXY).toBe('http://p:1');
    expect(NO_PROXY?.split(',')).toEqual(
      expect.arrayContaining(['intern', '127.0.0.1']),
    );
  });
});
