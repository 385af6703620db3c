/** What to build, and under which name. */
export interface ImageBuildRequest {
  /** Directory whose files the build sees. */
  contextDir: string;
  /** Path of the Containerfile below the context; by default `Containerfile`, else `Dockerfile`. */
  containerfile?: string;
  /** Path of the image below the platform's registry, such as `team-a/my-tools`. */
  name: string;
  tag: string;
  buildArgs?: Record<string, string>;
  /** Build arguments that go in only when the Containerfile declares them. */
  offeredArgs?: Record<string, string>;
  labels?: Record<string, string>;
  /** Called with each line that the build writes. */
  onLine?: (line: string) => void;
  /** Ends the build and all processes of it. */
  signal?: AbortSignal;
  /** Bound on build and push together; 15 minutes by default. */
  timeoutMs?: number;
}

/** An image that was built and is in the registry. */
export interface BuiltImage {
  /** `registry/name:tag@sha256:…`: names exactly what was built, whatever happens to the tag later. */
  image: string;
  /** `sha256:…` of the manifest. */
  digest: string;
}

/** Builds images and pushes them into the platform's registry. */
export interface ImageBuilder {
  /** Throws `InputError` for a request that makes no sense, and `ImageBuildError` when the build fails. */
  build(request: ImageBuildRequest): Promise<BuiltImage>;
}
