import {
  type ChannelCredentials,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bridge } from '../bridge';
import { GrpcEnd } from '../grpc/GrpcEnd';
import type { Frame } from '../grpc/stream';
import { waitFor } from './wait';

const protoDir = join(__dirname, '../../proto');

/** As the build does. */
Object.assign(globalThis, {
  PROTO_TEXTS: Object.fromEntries(
    ['mcp', 'health', 'reflection'].map(name => [
      name,
      readFileSync(join(protoDir, `${name}.proto`), 'utf8'),
    ]),
  ),
});

/** Adds the end for gRPC to a bridge that is about to start, as the program does. */
export function withGrpc(bridge: Bridge): GrpcEnd {
  const ends: GrpcEnd[] = [];
  bridge.add(options => {
    const end = new GrpcEnd(options);
    ends.push(end);
    return end;
  });
  return ends[0];
}

/** A client made from a `.proto` file of the package, as its users make theirs. */
export function grpcClient(
  file: string,
  service: string,
  port: number,
  creds: ChannelCredentials = credentials.createInsecure(),
) {
  const definition = loadSync(join(protoDir, file), {
    keepCase: true,
    enums: String,
    oneofs: true,
  });
  let found: unknown = loadPackageDefinition(definition);
  for (const part of service.split('.'))
    found = (found as Record<string, unknown>)[part];
  const Client = found as ReturnType<typeof loadPackageDefinition> & {
    new (address: string, creds: object): Record<
      string,
      (...args: unknown[]) => unknown
    > & { close(): void };
  };
  return new Client(`localhost:${port}`, creds);
}

/** A stream of MCP messages, with what came on it and how it ended. */
export class GrpcSession {
  readonly messages: Array<Record<string, any>> = [];
  readonly call: ClientDuplexStream<Frame, Frame>;
  private readonly client: ReturnType<typeof grpcClient>;
  private end?: ServiceError;

  constructor(port: number, token = '', creds?: ChannelCredentials) {
    this.client = grpcClient('mcp.proto', 'mcpcloud.v1.Mcp', port, creds);
    const metadata = new Metadata();
    if (token !== '') metadata.set('authorization', `Bearer ${token}`);
    this.call = this.client.Stream(metadata) as ClientDuplexStream<
      Frame,
      Frame
    >;
    this.call.on('data', ({ json }: Frame) =>
      this.messages.push(JSON.parse(json)),
    );
    this.call.on('error', (error: ServiceError) => {
      this.end = error;
    });
  }

  say(message: object): void {
    this.call.write({ json: JSON.stringify(message) });
  }

  initialize(capabilities: object = {}): Promise<Record<string, any>> {
    return this.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities,
      clientInfo: { name: 'test', version: '1' },
    });
  }

  /** Its id is the method. */
  request(method: string, params?: object): Promise<Record<string, any>> {
    this.say({ jsonrpc: '2.0', id: method, method, params });
    return this.answer(method);
  }

  async answer(id: unknown): Promise<Record<string, any>> {
    const find = () =>
      this.messages.find(one => one.id === id && one.method === undefined);
    await waitFor(() => find() !== undefined);
    return find() ?? {};
  }

  /** Waits for the end of the stream. */
  async ended(): Promise<ServiceError | undefined> {
    await waitFor(() => this.end !== undefined);
    return this.end;
  }

  close(): void {
    this.call.cancel();
    this.client.close();
  }
}
