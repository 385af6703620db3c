import * as commands from './kindCommands';

const cluster = {
  name: 'mcp-cloud-dev',
  kubeconfig: '/state/kind/dev.kubeconfig',
  registryPort: 5100,
};

describe('command lines for kind', () => {
  it.each([
    commands.createCluster,
    commands.writeKubeconfig,
    commands.deleteCluster,
  ])('never write into a person’s own kubeconfig', build => {
    const line = build(cluster);
    expect(line[line.indexOf('--kubeconfig') + 1]).toBe(cluster.kubeconfig);
    expect(line[line.indexOf('--name') + 1]).toBe(cluster.name);
  });

  it('publish the registry on loopback only', () => {
    const line = commands.createRegistry(cluster);
    expect(line[line.indexOf('--publish') + 1]).toBe('127.0.0.1:5100:5000');
    expect(line[line.indexOf('--network') + 1]).toBe('kind');
  });

  it('tell the node where the registry is, in one argument of its shell', () => {
    const line = commands.redirectRegistry(cluster);
    expect(line.slice(0, 5)).toEqual([
      'docker',
      'exec',
      'mcp-cloud-dev-control-plane',
      'sh',
      '-c',
    ]);
    expect(line).toHaveLength(6);
    expect(line[5]).toBe(
      `mkdir -p '/etc/containerd/certs.d/127.0.0.1:5100' && printf '%s\\n' ` +
        `'[host."http://mcp-cloud-dev-registry:5000"]' > '/etc/containerd/certs.d/127.0.0.1:5100/hosts.toml'`,
    );
  });

  it('stop and start both containers and remove the registry with its data', () => {
    const both = ['mcp-cloud-dev-control-plane', 'mcp-cloud-dev-registry'];
    expect(commands.stopContainers(cluster)).toEqual([
      'docker',
      'stop',
      ...both,
    ]);
    expect(commands.startContainers(cluster).slice(2).sort()).toEqual(both);
    expect(commands.removeRegistry(cluster)).toEqual([
      'docker',
      'rm',
      '--force',
      '--volumes',
      both[1],
    ]);
  });

  it('let containerd read a folder of registries', () => {
    expect(commands.kindConfig).toContain(
      'config_path = "/etc/containerd/certs.d"',
    );
    expect(commands.kindConfig).toContain('apiServerAddress: 127.0.0.1');
  });
});
