/** What the platform says of a registry that images may be looked up in. */
export interface RegistrySettings {
  /** As images name it, with its port if it has one; `docker.io` is Docker Hub. */
  host: string;
  /** Further hosts that it sends us to, for tokens or for what it stores elsewhere. */
  otherHosts: string[];
  /** Speak HTTP without TLS. */
  insecure: boolean;
  /** Whether it may be at a private or local address. */
  privateAddresses: boolean;
  login?: { username: string; password: string } | { token: string };
}

/** What a registry says of an image; it is kept with the revision that runs it. */
export interface ImageFacts {
  /** `sha256:…`: the bytes that the tag stood for. */
  digest: string;
  /** Its entry point with the arguments that it has by default. */
  command: string[];
  /** As the image has it: a name or a number, maybe with a group. */
  user?: string;
  /** Version of the bridge that is in it, by its label. */
  bridge?: string;
}

/** What came of asking for an image. */
export type ImageAnswer =
  | { state: 'found'; facts: ImageFacts }
  /** The registry has no such image. */
  | { state: 'missing' }
  /** Nobody could or would say; `reason` is for people. `asked`: whether the platform lists the registry. */
  | { state: 'unknown'; asked: boolean; reason: string };

/** Asks registries for images. Never throws. */
export interface ImageRegistries {
  lookUp(image: string): Promise<ImageAnswer>;
}
