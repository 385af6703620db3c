import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { filesName } from './names';

const TMP = '/tmp';

/** What a Spec has laid into the server's container; `/tmp` can be written in any case. */
export function serverVolumes(spec: ServerSpec): {
  mounts: V1VolumeMount[];
  volumes: V1Volume[];
} {
  const named = Object.entries(spec.volumes).map(([name, volume]) => ({
    name: `volume-${name}`,
    ...volume,
  }));
  const ownTmp = named.some(({ path }) => path === TMP);
  const files = Object.keys(spec.files);
  return {
    mounts: [
      ...(ownTmp ? [] : [{ name: 'tmp', mountPath: TMP }]),
      ...named.map(({ name, path, readOnly }) => ({
        name,
        mountPath: path,
        ...(readOnly && { readOnly }),
      })),
      ...files.map((path, index) => ({
        name: 'files',
        mountPath: path,
        subPath: entryOf(index),
        readOnly: true,
      })),
    ],
    volumes: [
      ...(ownTmp ? [] : [{ name: 'tmp', emptyDir: {} }]),
      ...named.map(({ name, emptyDir, claim }) => ({
        name,
        ...(emptyDir && {
          emptyDir: {
            sizeLimit: emptyDir.size,
            ...(emptyDir.memory && { medium: 'Memory' }),
          },
        }),
        ...(claim && { persistentVolumeClaim: { claimName: claim } }),
      })),
      ...(files.length
        ? [{ name: 'files', configMap: { name: filesName(spec.name) } }]
        : []),
    ],
  };
}

/** What the ConfigMap of the files holds, if there are any. */
export function filesData(
  spec: ServerSpec,
): Record<string, string> | undefined {
  const files = Object.values(spec.files);
  return files.length
    ? Object.fromEntries(files.map((text, index) => [entryOf(index), text]))
    : undefined;
}

/** Whether the server has a volume that outlives its pods. */
export function hasClaims(spec: ServerSpec): boolean {
  return Object.values(spec.volumes).some(({ claim }) => claim !== undefined);
}

/** A path holds what the key of a ConfigMap must not. */
function entryOf(index: number): string {
  return `file-${index}`;
}
