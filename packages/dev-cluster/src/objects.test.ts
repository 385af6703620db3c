import { pathOf } from './api.ts';
import { describeCluster } from './cluster.ts';
import { systemObjects } from './objects.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { identities, opensslConfig } from './pki.ts';

const cluster = describeCluster('dev', 0, '/state');

describe('system objects', () => {
  it('are each at a path of their own', () => {
    const paths = systemObjects(cluster, 'CA').map(pathOf);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toContain(
      '/api/v1/namespaces/kube-system/services/metrics-server',
    );
    expect(paths).toContain(
      '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io',
    );
    expect(paths).toContain(
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Acoredns',
    );
  });

  it('let the API server verify the metrics server', () => {
    const api = systemObjects(cluster, 'CA').find(
      object => object.kind === 'APIService',
    );
    expect(api).toMatchObject({ spec: { caBundle: 'Q0E=' } });
    expect(JSON.stringify(api)).not.toContain('insecureSkipTLSVerify');
  });
});

describe('certificates', () => {
  it('name the API server as the host and as pods reach it', () => {
    const names = identities(cluster).find(
      identity => identity.file === 'apiserver',
    )?.names;
    expect(names).toEqual(
      expect.arrayContaining([
        'IP:127.0.0.1',
        'IP:10.244.0.1',
        'IP:10.96.0.1',
        'DNS:kubernetes.default.svc',
      ]),
    );
  });

  it('are for servers or for clients, and never for authorities', () => {
    const config = opensslConfig(identities(cluster));
    expect(config.match(/CA:true/g)).toHaveLength(1);
    expect(config.match(/serverAuth/g)).toHaveLength(3);
    expect(config).not.toContain('serverAuth, clientAuth');
  });
});

describe('renderKubeconfig', () => {
  it('carries credentials inline', () => {
    const config = JSON.parse(
      renderKubeconfig({
        context: 'mcp-dev',
        server: 'https://x',
        ca: 'a',
        certificate: 'b',
        key: 'c',
      }),
    );
    expect(config['current-context']).toBe('mcp-dev');
    expect(config.clusters[0].cluster).toEqual({
      server: 'https://x',
      'certificate-authority-data': 'YQ==',
    });
    expect(config.users[0].user).toEqual({
      'client-certificate-data': 'Yg==',
      'client-key-data': 'Yw==',
    });
  });
});
