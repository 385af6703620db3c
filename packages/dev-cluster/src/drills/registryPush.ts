import { readFileSync } from 'node:fs';
import { sha256 } from '../images.ts';
import type { PackedImage } from '../images.ts';

const layerType = 'application/vnd.docker.image.rootfs.diff.tar';
const configType = 'application/vnd.docker.container.image.v1+json';
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/** Pushes an image over the registry's HTTP interface, as a build tool on the host would. */
export async function push(
  registry: string,
  repository: string,
  image: PackedImage,
): Promise<void> {
  const base = `http://${registry}/v2/${repository}`;
  const blob = async (file: string, mediaType: string) => {
    const content = readFileSync(file);
    const digest = `sha256:${sha256(file)}`;
    const begun = await expect(
      await fetch(`${base}/blobs/uploads/`, { method: 'POST' }),
      202,
    );
    const place = new URL(begun.headers.get('location') ?? '', base);
    place.searchParams.set('digest', digest);
    await expect(await fetch(place, { method: 'PUT', body: content }), 201);
    return { mediaType, digest, size: content.length };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: await blob(image.config, configType),
    layers: [await blob(image.layer, layerType)],
  };
  const put = await fetch(`${base}/manifests/1`, {
    method: 'PUT',
    headers: { 'content-type': manifestType },
    body: JSON.stringify(manifest),
  });
  await expect(put, 201);
}

async function expect(response: Response, status: number): Promise<Response> {
  if (response.status !== status) {
    throw new Error(
      `${response.url}: ${response.status} ${await response.text()}`,
    );
  }
  return response;
}
