import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import { UsageError } from '../config/flags';
import { Refusal } from '../frames/errors';
import { Channel } from '../http/channel';
import { flowOf } from '../http/flow';
import type { OwnPortEnd, OwnPortOptions } from '../http/fronts';
import { guard } from '../http/guard';
import type { Permit } from '../http/permit';
import { receive } from '../http/receive';
import { TlsCredentials } from './credentials';
import { healthOf } from './health';
import { loadProto } from './protos';
import { reflectionOf } from './reflection';
import { GrpcStream, headersOf, refuse, type Frame } from './stream';

/** What sessions of this end are counted under. */
const ENDPOINT = '/mcpcloud.v1.Mcp/Stream';

/** MCP over gRPC, on a port of its own: one session per stream, one message per frame. */
export class GrpcEnd implements OwnPortEnd {
  port = 0;
  private readonly server: Server;

  constructor(private readonly options: OwnPortOptions) {
    const { keepAlive, maxBody } = options.config().limits;
    this.server = new Server({
      'grpc.max_receive_message_length': maxBody,
      // Peers that are gone without a word are found out by these.
      'grpc.keepalive_time_ms': keepAlive,
      'grpc.keepalive_timeout_ms': keepAlive,
    });
    const mcp = loadProto('mcp', 'mcpcloud.v1.Mcp');
    const health = loadProto('health', 'grpc.health.v1.Health');
    const reflection = loadProto(
      'reflection',
      'grpc.reflection.v1.ServerReflection',
    );
    const protos = [mcp, health, reflection];
    this.server.addService(mcp.definition, {
      stream: (call: ServerDuplexStream<Frame, Frame>) => void this.serve(call),
    });
    this.server.addService(
      health.definition,
      healthOf(
        protos.map(({ service }) => service),
        options.ready,
      ),
    );
    this.server.addService(reflection.definition, reflectionOf(protos));
  }

  async start(): Promise<void> {
    const { config, certificates } = this.options;
    const { host, grpcPort } = config();
    const address = host.includes(':') ? `[${host}]` : host;
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(
        `${address}:${grpcPort}`,
        certificates
          ? new TlsCredentials(certificates)
          : ServerCredentials.createInsecure(),
        (error, bound) =>
          error
            ? reject(
                new UsageError(
                  `cannot listen for gRPC on ${address}:${grpcPort}: ${error.message}`,
                ),
              )
            : resolve(bound),
      );
    });
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private async serve(call: ServerDuplexStream<Frame, Frame>): Promise<void> {
    const { gate, metrics, config } = this.options;
    try {
      const headers = headersOf(call);
      guard(headers, config());
      const permit = await gate.permit(headers);
      if (!call.cancelled) await this.carry(call, permit);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      metrics.rejected(error.reason);
      refuse(call, error);
    }
  }

  private async carry(
    call: ServerDuplexStream<Frame, Frame>,
    permit: Permit,
  ): Promise<void> {
    const { config, metrics, sessions } = this.options;
    const limits = () => config().limits;
    const { keepAlive } = limits();
    const session = await sessions.open(
      permit.principal,
      ENDPOINT,
      permit.credentials,
    );
    if (call.cancelled) {
      void session.end('The client left');
      return;
    }
    const stream = new GrpcStream(call, flowOf(session, limits, metrics));
    const channel = new Channel(session, permit, stream, keepAlive);
    // A stream is open only as long as its peer answers pings.
    const alive = setInterval(() => session.touch(), keepAlive);
    alive.unref();
    stream.onClose = () => {
      clearInterval(alive);
      channel.closed();
    };
    call.on('data', ({ json }: Frame) => {
      receive(channel, permit, json, limits().maxPending, metrics, raw =>
        stream.send(raw),
      );
      if (session.backlog <= 2 * limits().maxBody) return;
      call.pause();
      session.onceDrained(() => call.resume());
    });
  }
}
