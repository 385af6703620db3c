import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { parse, type Message, type Root } from 'protobufjs';
import 'protobufjs/ext/descriptor';

type ProtoName = 'mcp' | 'health' | 'reflection';

/** The texts of the package's `.proto` files, built into the program. */
declare const PROTO_TEXTS: Readonly<Record<ProtoName, string>>;

/** A service as gRPC serves it, and as reflection tells of it. */
export interface Proto {
  /** The full name, e.g. `grpc.health.v1.Health`. */
  readonly service: string;
  readonly definition: ServiceDefinition;
  /** The name of the file that reflection calls it by. */
  readonly filename: string;
  /** An encoded `google.protobuf.FileDescriptorProto`. */
  readonly descriptor: Buffer;
  /** Whether a full name of a service, method or message stands in it. */
  contains(symbol: string): boolean;
}

/** What `protobufjs/ext/descriptor` gives a root. */
interface DescribedRoot extends Root {
  toDescriptor(syntax: string): Message & {
    file: Array<Message & { name: string }>;
  };
}

export function loadProto(name: ProtoName, service: string): Proto {
  const { root } = parse(PROTO_TEXTS[name], { keepCase: true });
  root.resolveAll();
  const definitions = fromJSON(root.toJSON(), {
    keepCase: true,
    enums: String,
    oneofs: true,
  });
  const [file] = (root as DescribedRoot).toDescriptor('proto3').file;
  return {
    service,
    definition: definitions[service] as ServiceDefinition,
    filename: file.name,
    descriptor: Buffer.from(file.$type.encode(file).finish()),
    contains: symbol => root.lookup(symbol) !== null,
  };
}
