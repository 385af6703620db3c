import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tryRun } from '../../../../dev-cluster/src/system/exec.ts';
import type { World } from './World.ts';

/** Programs that are no bridge. */
const programs = {
  ends: "console.error('I am no bridge'); process.exit(1)",
  stays: "console.error('I am no bridge'); setInterval(() => {}, 1000)",
};

export type WithoutBridge = keyof typeof programs;

/** Builds an image that has no bridge, with Docker or buildah as there is, and pushes it. Returns its reference. */
export async function imageWithoutBridge(
  { cluster, images }: World,
  kind: WithoutBridge,
): Promise<string> {
  const ref = `${cluster.registry}/mcp-cloud/drill-without-bridge:${kind}`;
  const dir = mkdtempSync(join(tmpdir(), 'mcp-cloud-drill-'));
  try {
    const file = join(dir, 'Containerfile');
    const entry = JSON.stringify(['node', '-e', programs[kind]]);
    writeFileSync(
      file,
      `FROM ${images.bridge.ref}
USER 0
RUN rm -r /opt/mcp-cloud
USER 65532:65532
LABEL io.mcp-cloud.bridge=
ENTRYPOINT ${entry}
CMD []
`,
    );
    if (cluster.kind === 'kind') {
      await run('docker', ['build', '--file', file, '--tag', ref, dir], {
        seconds: 300,
      });
      await run('docker', ['push', ref], { seconds: 300 });
    } else {
      await withBuildah(dir, async buildah => {
        await buildah(
          'build',
          '--tls-verify=false',
          '--file',
          file,
          '--tag',
          ref,
          dir,
        );
        await buildah('push', '--tls-verify=false', ref, `docker://${ref}`);
      });
    }
    return ref;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Lends buildah with a store of its own, which goes away with it. */
async function withBuildah(
  dir: string,
  work: (buildah: (...args: string[]) => Promise<string>) => Promise<void>,
): Promise<void> {
  const base = ['--root', join(dir, 'storage'), '--runroot', join(dir, 'run')];
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' };
  const overlay = [...base, '--storage-driver', 'overlay'];
  const works = await tryRun('buildah', [...overlay, 'images'], { env });
  const store =
    works === undefined ? [...base, '--storage-driver', 'vfs'] : overlay;
  const buildah = (...args: string[]) =>
    run('buildah', [...store, ...args], { env, seconds: 300 });
  try {
    await work(buildah);
  } finally {
    // Unmounts what a plain deletion of the folder would stumble over.
    await tryRun('buildah', [...store, 'rmi', '--all', '--force'], { env });
  }
}
