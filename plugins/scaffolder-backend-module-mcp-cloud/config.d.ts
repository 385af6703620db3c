export interface Config {
  mcpCloud?: {
    images?: {
      /**
       * Where built images are pushed and clusters pull them from: host, host:port or host/path, without a scheme.
       * Sign-in is that of the builder (`docker login`, `buildah login`). Loopback addresses are spoken to by plain
       * HTTP, all others by TLS. Without it, templates cannot build images.
       */
      registry?: string;
      /**
       * What builds images where the backend runs. `auto` takes a Docker engine that answers, else buildah.
       * @default auto
       */
      builder?: 'auto' | 'docker' | 'buildah';
      /**
       * Image that servers are built from; a Containerfile gets it as the build argument BRIDGE_IMAGE.
       */
      bridgeImage?: string;
      /**
       * Image with compilers and package managers, for builder stages; a Containerfile gets it as the build argument
       * BUILDER_IMAGE. Without it, the default that the Containerfile names counts.
       */
      builderImage?: string;
    };
  };
}
