import type { IncomingHttpHeaders } from 'node:http';
import { Metadata, status, type ServerDuplexStream } from '@grpc/grpc-js';
import type { Refusal } from '../frames/errors';
import type { ChannelEnd } from '../http/channel';
import { Flow, type FlowOptions } from '../http/flow';

/** One message on the wire; the contract is proto/mcp.proto. */
export interface Frame {
  json: string;
}

const CODE_OF_END: Readonly<Record<ChannelEnd['reason'], status>> = {
  ended: status.UNAVAILABLE,
  idle: status.UNAVAILABLE,
  draining: status.UNAVAILABLE,
  child_exited: status.UNAVAILABLE,
  auth: status.UNAUTHENTICATED,
};

const CODE_OF_STATUS: Readonly<Record<number, status>> = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
};

/** Metadata as the headers that it is on the wire. */
export function headersOf(
  call: ServerDuplexStream<Frame, Frame>,
): IncomingHttpHeaders {
  const host = call.getHost();
  return { ...call.metadata.getMap(), host } as IncomingHttpHeaders;
}

/** Says no to a stream before it carries anything. */
export function refuse(
  call: ServerDuplexStream<Frame, Frame>,
  refusal: Refusal,
): void {
  const metadata = new Metadata();
  const { retryAfterSeconds } = refusal.options;
  if (retryAfterSeconds !== undefined)
    metadata.set('retry-after', String(retryAfterSeconds));
  call.emit('error', {
    code: CODE_OF_STATUS[refusal.status] ?? status.INVALID_ARGUMENT,
    details: refusal.message,
    metadata,
  });
}

/** One gRPC stream on the wire, bounded towards its reader. */
export class GrpcStream {
  /** Called once, when nothing goes either way any more. */
  onClose: () => void = () => {};

  private queued = 0;
  private closed = false;
  private readonly flow: Flow;

  constructor(
    private readonly call: ServerDuplexStream<Frame, Frame>,
    options: FlowOptions,
  ) {
    this.flow = new Flow(options, () =>
      this.fail(status.RESOURCE_EXHAUSTED, 'The client reads too slowly'),
    );
    const closed = () => {
      if (this.closed) return;
      this.closed = true;
      this.flow.caughtUp();
      this.onClose();
    };
    call.on('cancelled', closed);
    call.on('close', closed);
    call.on('error', closed);
    call.on('end', () => {
      call.end();
      closed();
    });
  }

  send(json: string): void {
    if (this.closed) return;
    const bytes = Buffer.byteLength(json);
    this.queued += bytes;
    this.call.write({ json }, () => {
      this.queued -= bytes;
      if (this.queued === 0) this.flow.caughtUp();
    });
    this.flow.wrote(this.queued);
  }

  end({ reason, text }: ChannelEnd): void {
    this.fail(CODE_OF_END[reason], text);
  }

  private fail(code: status, details: string): void {
    if (!this.closed) this.call.emit('error', { code, details });
  }
}
