import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

/** A line to the API server that can be frozen: connections stay open, and not a byte passes, as with SIGSTOP. */
export class Line {
  readonly #kubeConfig: KubeConfig;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #frozen = false;

  constructor(kubeConfig: KubeConfig) {
    this.#kubeConfig = kubeConfig;
    const target = new URL(kubeConfig.getCurrentCluster()!.server);
    this.#server = createServer(inner => {
      const outer = connect(Number(target.port), target.hostname);
      for (const socket of [inner, outer]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          inner.destroy();
          outer.destroy();
        });
      }
      inner.on('data', data => this.#pass(data, outer));
      outer.on('data', data => this.#pass(data, inner));
    });
  }

  #pass(data: Buffer, to: Socket): void {
    // What comes while frozen is lost for good: the worst that a network can do to a watch.
    if (!this.#frozen) {
      to.write(data);
    }
  }

  /** Gives what leads to the API server by this line. */
  async start(): Promise<KubeConfig> {
    await new Promise<void>(resolve =>
      this.#server.listen(0, '127.0.0.1', resolve),
    );
    const { port } = this.#server.address() as AddressInfo;
    const { caData, caFile } = this.#kubeConfig.getCurrentCluster()!;
    const through = new KubeConfig();
    through.loadFromClusterAndUser(
      {
        name: 'line',
        server: `https://127.0.0.1:${port}`,
        caData,
        caFile,
        skipTLSVerify: false,
      },
      this.#kubeConfig.getCurrentUser()!,
    );
    return through;
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  stop(): void {
    this.#sockets.forEach(socket => socket.destroy());
    this.#server.close();
  }
}
