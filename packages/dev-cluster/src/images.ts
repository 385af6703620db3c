import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { containerdSocket, folders } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { run } from './system/exec.ts';

/** containerd's own client, in the namespace where Kubernetes keeps its images. */
const ctr = (cluster: Cluster, ...args: string[]) =>
  run(
    'ctr',
    ['--address', containerdSocket(cluster), '--namespace', 'k8s.io', ...args],
    { seconds: 600 },
  );

/** Brings an image archive (docker or OCI) onto the node; returns what it printed. */
export const importImage = (cluster: Cluster, file: string) =>
  ctr(cluster, 'images', 'import', file);

export const sha256 = (file: string) =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

/** An image of a binary is known by what is in it, so a new build of it is a new image. */
export const imageName = (binary: string) =>
  `mcp-cloud.local/${basename(binary)}:${sha256(binary).slice(0, 12)}`;

export const pauseImageName = (bin: string) => imageName(join(bin, 'pause'));

export const ensurePauseImage = (cluster: Cluster, bin: string) =>
  ensureImage(cluster, join(bin, 'pause'), pauseImageName(bin));

/** Packs one static binary and brings it onto the node, where its name is not there yet. */
export async function ensureImage(
  cluster: Cluster,
  binary: string,
  name: string,
): Promise<void> {
  const present = await ctr(cluster, 'images', 'list', '--quiet');
  if (present.split('\n').includes(name)) {
    return;
  }
  const dir = join(folders(cluster).run, `${basename(binary)}-image`);
  try {
    const { archive } = await packBinary(dir, binary, name);
    await importImage(cluster, archive);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export interface PackedImage {
  archive: string;
  layer: string;
  config: string;
}

/** Packs one static binary as an image, which is a tar file of a layer and two descriptions. */
export async function packBinary(
  dir: string,
  binary: string,
  name: string,
): Promise<PackedImage> {
  const program = basename(binary);
  const [root, layer, config] = ['root', 'layer.tar', 'config.json'].map(file =>
    join(dir, file),
  );
  mkdirSync(root, { recursive: true });
  copyFileSync(binary, join(root, program));
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  await run('tar', ['-cf', layer, ...owner, '-C', root, program]);
  const description = {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Entrypoint: [`/${program}`],
      User: '65535:65535',
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  };
  writeFileSync(config, JSON.stringify(description));
  const manifest = [
    { Config: basename(config), RepoTags: [name], Layers: [basename(layer)] },
  ];
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(dir, 'image.tar');
  await run('tar', [
    '-cf',
    archive,
    '-C',
    dir,
    'manifest.json',
    basename(config),
    basename(layer),
  ]);
  return { archive, layer, config };
}
