import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import type { Proto } from './protos';

interface ReflectionRequest {
  file_by_filename?: string;
  file_containing_symbol?: string;
  list_services?: string;
}

/** Tells tools such as grpcurl what is served here. */
export function reflectionOf(protos: readonly Proto[]) {
  const fileOf = (proto: Proto | undefined) =>
    proto
      ? {
          file_descriptor_response: {
            file_descriptor_proto: [proto.descriptor],
          },
        }
      : {
          error_response: {
            error_code: status.NOT_FOUND,
            error_message: 'There is no such file or symbol here',
          },
        };

  function answer(request: ReflectionRequest): object {
    const { file_by_filename: filename, file_containing_symbol: symbol } =
      request;
    if (filename !== undefined)
      return fileOf(protos.find(proto => proto.filename === filename));
    if (symbol !== undefined)
      return fileOf(protos.find(proto => proto.contains(symbol)));
    if (request.list_services !== undefined)
      return {
        list_services_response: {
          service: protos.map(({ service }) => ({ name: service })),
        },
      };
    return {
      error_response: {
        error_code: status.UNIMPLEMENTED,
        error_message: 'Ask for services, files or symbols',
      },
    };
  }

  return {
    serverReflectionInfo(call: ServerDuplexStream<ReflectionRequest, object>) {
      call.on('data', (request: ReflectionRequest) =>
        call.write({ original_request: request, ...answer(request) }),
      );
      call.on('end', () => call.end());
    },
  };
}
