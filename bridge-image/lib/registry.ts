/** What is asked of an image that is already in a registry. */
export interface PublishedImage {
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
}

const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Whether a registry is on this machine and so spoken to without TLS. */
export function isLocal(registry: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(registry);
}

/** Looks an image up; `undefined` when it is not there or the registry wants a login. */
export async function findImage(
  registry: string,
  name: string,
  tag: string,
): Promise<PublishedImage | undefined> {
  const base = `${
    isLocal(registry) ? 'http' : 'https'
  }://${registry}/v2/${name}`;
  try {
    const manifest = await fetch(`${base}/manifests/${tag}`, {
      headers: { accept: MANIFEST_TYPES },
    });
    if (!manifest.ok) return undefined;
    const digest = manifest.headers.get('docker-content-digest') ?? '';
    const { config } = (await manifest.json()) as {
      config?: { digest?: string };
    };
    const image = await fetch(`${base}/blobs/${config?.digest}`);
    if (!image.ok) return undefined;
    const content = (await image.json()) as {
      config?: { Labels?: Record<string, string> };
    };
    return { digest, labels: content.config?.Labels ?? {} };
  } catch {
    return undefined;
  }
}
