import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type ClientDuplexStream,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { join } from 'node:path';
import type { Wire, WireOptions } from './fronts.ts';
import { INITIALIZED, type Message } from './message.ts';
import { untilInitialized } from './opening.ts';

interface Frame {
  json: string;
}

const proto = join(import.meta.dirname, '../../proto/mcp.proto');
const loaded = loadPackageDefinition(loadSync(proto)) as unknown as {
  mcpcloud: { v1: { Mcp: ServiceClientConstructor } };
};

/** A stream on a connection of its own. */
export function openGrpc(port: number, headers: Record<string, string> = {}) {
  const client = new loaded.mcpcloud.v1.Mcp(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
    {
      'grpc.max_receive_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    },
  );
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers))
    metadata.set(name, value);
  const stream = client.stream(metadata) as ClientDuplexStream<Frame, Frame>;
  return { client, stream };
}

export async function connectGrpc({
  subject: { grpcPort },
  headers = {},
  initialize,
  onMessage,
  onLost,
}: WireOptions): Promise<Wire> {
  const opening = untilInitialized(onMessage);
  const { client, stream } = openGrpc(grpcPort, headers);
  stream.on('data', ({ json }: Frame) =>
    opening.onMessage(JSON.parse(json) as Message),
  );
  const lost = (why: string) => {
    opening.fail(new Error(why));
    onLost(why);
    client.close();
  };
  stream.on('error', (error: Error) => lost(error.message));
  stream.on('end', () => lost('the stream has ended'));
  stream.write({ json: initialize });
  await opening.done;
  stream.write({ json: INITIALIZED });
  return {
    send: json => void stream.write({ json }),
    async close() {
      stream.end();
    },
    abandon: () => stream.cancel(),
  };
}
