import {
  mockServices,
  createMockDirectory,
} from '@backstage/backend-test-utils';
import { readFileSync, writeFileSync } from 'node:fs';
import { BuildahImageBuilder } from './BuildahImageBuilder';
import { ConfiguredImageBuilder } from './ConfiguredImageBuilder';
import { DockerImageBuilder } from './DockerImageBuilder';
import { ImageBuildError } from './ImageBuildError';
import { readImagesConfig } from './readImagesConfig';
import type { RunCommand } from './runCommand';

const CONTAINERFILE =
  'ARG BRIDGE_IMAGE=a\nFROM a\nARG NODE_EXTRA_CA_CERTS\n  arg NPM_CONFIG_REGISTRY\n';
const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** Stands for the builders' programs: notes what it is called with and leaves the files that they leave. */
function fakePrograms(options: { missing?: string[]; failing?: string } = {}) {
  const calls: Array<{
    argv: string[];
    env: NodeJS.ProcessEnv;
    registriesConf?: string;
  }> = [];
  const run: RunCommand = async (argv, { env }) => {
    const valueOf = (flag: string) =>
      argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined;
    const conf = valueOf('--registries-conf');
    calls.push({
      argv: [...argv],
      env,
      registriesConf: conf && readFileSync(conf, 'utf8'),
    });
    if (
      options.missing?.includes(argv[0]) ||
      (options.failing && argv.includes(options.failing))
    ) {
      throw new ImageBuildError('failed', { lastLines: [] });
    }
    for (const [flag, content] of [
      ['--iidfile', 'sha256:id'],
      ['--digestfile', DIGEST],
    ]) {
      const file = valueOf(flag);
      if (file) {
        writeFileSync(file, content);
      }
    }
    return {
      stdout: argv[1] === 'push' ? `1.0: digest: ${DIGEST} size: 1234` : '',
    };
  };
  return { run, calls };
}

describe('image builders', () => {
  const dir = createMockDirectory({
    content: {
      Containerfile: CONTAINERFILE,
      'ca.crt': 'CERTIFICATES',
      npmrc: '',
    },
  });
  const request = () => ({
    contextDir: dir.path,
    name: 'team-a/tools',
    tag: '1.0',
    buildArgs: { VERSION: '7' },
    offeredArgs: { BRIDGE_IMAGE: 'bridge:1', NOT_DECLARED: 'x' },
    labels: { 'org.example.a': 'b' },
  });

  it('buildah: builds, pushes to a loopback registry by plain HTTP and forgets the local copy', async () => {
    const { run, calls } = fakePrograms();
    const builder = new BuildahImageBuilder({
      registry: '127.0.0.1:5001',
      host: { PATH: '/bin' },
      run,
      isRoot: true,
    });
    await expect(builder.build(request())).resolves.toEqual({
      image: `127.0.0.1:5001/team-a/tools:1.0@${DIGEST}`,
      digest: DIGEST,
    });
    expect(
      calls.map(({ argv }) =>
        argv.find(arg => ['build', 'push', 'rmi'].includes(arg)),
      ),
    ).toEqual(['build', 'push', 'rmi']);
    expect(calls[0].argv).toEqual(
      expect.arrayContaining([
        '--build-arg',
        'BRIDGE_IMAGE=bridge:1',
        'VERSION=7',
        '--label',
        'org.example.a=b',
      ]),
    );
    expect(calls[0].argv.join()).not.toContain('NOT_DECLARED');
    expect(calls[0].env).toEqual({
      PATH: '/bin',
      STORAGE_DRIVER: 'vfs',
      BUILDAH_ISOLATION: 'chroot',
    });
    expect(calls[0].registriesConf).toContain(
      'location = "127.0.0.1:5001"\ninsecure = true',
    );
  });

  it('buildah: speaks TLS with every other registry, and keeps the storage that the host chose', async () => {
    const { run, calls } = fakePrograms();
    await new BuildahImageBuilder({
      registry: 'registry.example.com/mcp',
      host: { STORAGE_DRIVER: 'overlay' },
      run,
      isRoot: true,
    }).build(request());
    expect(calls[0].argv).not.toContain('--registries-conf');
    expect(calls[0].env.STORAGE_DRIVER).toBe('overlay');
    const rootless = fakePrograms();
    await new BuildahImageBuilder({
      registry: 'localhost:5000',
      host: {},
      run: rootless.run,
      isRoot: false,
    }).build(request());
    expect(rootless.calls[0].env).toEqual({});
  });

  it('forgets the local copy also when the push fails', async () => {
    const { run, calls } = fakePrograms({ failing: 'push' });
    await expect(
      new BuildahImageBuilder({
        registry: 'r.example.com',
        host: {},
        run,
      }).build(request()),
    ).rejects.toThrow('failed');
    expect(calls.at(-1)?.argv).toContain('rmi');
  });

  it('lends certificates, proxies and the npm registry of the host to a build, and none of its secrets', async () => {
    const host = {
      NODE_EXTRA_CA_CERTS: dir.resolve('ca.crt'),
      https_proxy: 'http://proxy:3128',
      NPM_CONFIG_USERCONFIG: dir.resolve('npmrc'),
      npm_config_registry: 'https://npm.example.com/',
      DATABASE_PASSWORD: 'hunter2',
    };
    const buildah = fakePrograms();
    await new BuildahImageBuilder({
      registry: 'r.example.com',
      host,
      run: buildah.run,
    }).build(request());
    expect(buildah.calls[0].argv).toEqual(
      expect.arrayContaining([
        `${dir.resolve('ca.crt')}:/etc/ssl/certs/ca-certificates.crt:ro`,
        'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt',
        'https_proxy=http://proxy:3128',
        'NPM_CONFIG_REGISTRY=https://npm.example.com/',
        `id=npmrc,src=${dir.resolve('npmrc')}`,
      ]),
    );
    const docker = fakePrograms();
    await new DockerImageBuilder({
      registry: 'r.example.com',
      host,
      run: docker.run,
    }).build(request());
    expect(docker.calls[0].argv).toEqual(
      expect.arrayContaining([
        '--secret',
        `id=ca,src=${dir.resolve('ca.crt')}`,
        'https_proxy=http://proxy:3128',
      ]),
    );
    for (const { argv, env } of [...buildah.calls, ...docker.calls]) {
      expect(JSON.stringify([argv, env])).not.toContain('hunter2');
      expect(env).not.toHaveProperty('DATABASE_PASSWORD');
    }
  });

  it('docker: builds, pushes and reads the digest of the push', async () => {
    const { run, calls } = fakePrograms();
    await expect(
      new DockerImageBuilder({
        registry: '127.0.0.1:5001',
        host: {},
        run,
      }).build(request()),
    ).resolves.toEqual({
      image: `127.0.0.1:5001/team-a/tools:1.0@${DIGEST}`,
      digest: DIGEST,
    });
    expect(calls.map(({ argv }) => argv[1])).toEqual(['build', 'push']);
  });

  describe('choice by configuration', () => {
    const built = async (
      builder: 'auto' | 'docker' | 'buildah',
      missing: string[],
    ) => {
      const { run, calls } = fakePrograms({ missing });
      await new ConfiguredImageBuilder(
        { registry: 'r.example.com', builder },
        { run },
      ).build(request());
      return calls.at(-1)?.argv[0];
    };

    it('auto takes an engine that answers, else buildah, else says what to install', async () => {
      await expect(built('auto', [])).resolves.toBe('docker');
      await expect(built('auto', ['docker'])).resolves.toBe('buildah');
      await expect(built('auto', ['docker', 'buildah'])).rejects.toThrow(
        'Install buildah, or start a Docker engine',
      );
    });

    it('a named builder is taken without a question', async () => {
      await expect(built('buildah', ['docker'])).resolves.toBe('buildah');
      await expect(built('docker', ['buildah'])).resolves.toBe('docker');
    });

    it('says which setting is missing or wrong', async () => {
      await expect(
        new ConfiguredImageBuilder({ builder: 'auto' }).build(request()),
      ).rejects.toThrow('mcpCloud.images.registry');
      const read = (images: object) =>
        readImagesConfig(
          mockServices.rootConfig({ data: { mcpCloud: { images } } }),
        );
      expect(read({})).toEqual({ builder: 'auto' });
      expect(() => read({ builder: 'kaniko' })).toThrow(
        'Choose one of auto, docker, buildah.',
      );
      expect(() => read({ registry: 'https://r.example.com' })).toThrow(
        'without a scheme',
      );
      expect(() => read({ registry: '-x' })).toThrow('without a scheme');
    });
  });
});
