import type { IncomingHttpHeaders } from 'node:http';
import {
  Context,
  createTraceState,
  ROOT_CONTEXT,
  Span,
  SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  Tracer,
} from '@opentelemetry/api';
import type { BridgeConfig } from '../config/schema';
import { memberSpan } from '../frames/edit';
import type { RequestFrame } from '../frames/frame';
import { isObject } from '../frames/json';
import { skipSpace } from '../frames/scan';
import { withMeta } from '../frames/withMeta';
import type { Call, CallOutlet } from '../session/types';
import { version } from './status';

const MAX_NAME_LENGTH = 128;
/** The collector may take this long for the last spans. */
const LAST_SPANS_MS = 2000;

/** Where a request comes from, in W3C's words. */
function contextOf(
  traceparent: unknown,
  tracestate: unknown,
): Context | undefined {
  const match =
    typeof traceparent === 'string'
      ? /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(
          traceparent,
        )
      : null;
  if (!match) return undefined;
  const [, traceId, spanId, flags] = match;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: parseInt(flags, 16) & 1,
    traceState:
      typeof tracestate === 'string' ? createTraceState(tracestate) : undefined,
    isRemote: true,
  });
}

function metaFor({ traceId, spanId, traceFlags, traceState }: SpanContext) {
  const flags = traceFlags.toString(16).padStart(2, '0');
  const state = traceState?.serialize();
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(state ? { tracestate: state } : {}),
  };
}

function toolOf({ method, params }: RequestFrame): string | undefined {
  return method === 'tools/call' && typeof params?.name === 'string'
    ? params.name.slice(0, MAX_NAME_LENGTH)
    : undefined;
}

/** Whether an answer tells of an error: of the protocol (its code), or of the tool. */
function errorIn(raw: string): string | undefined {
  const open = skipSpace(raw, 0);
  const error = memberSpan(raw, open, 'error');
  if (error) {
    const code = memberSpan(raw, error.start, 'code');
    return code ? raw.slice(code.start, code.end) : 'error';
  }
  const result = memberSpan(raw, open, 'result');
  const flag = result && memberSpan(raw, result.start, 'isError');
  return flag && raw.startsWith('true', flag.start) ? 'tool_error' : undefined;
}

/** One span for each request, which the server finds as its parent in `params._meta.traceparent`. */
export class Tracing {
  constructor(
    private readonly tracer: Tracer,
    private readonly shutdown: () => Promise<void>,
  ) {}

  /** Begins the span of a request; its answer ends it. */
  begin(
    frame: RequestFrame,
    outlet: CallOutlet,
    headers: IncomingHttpHeaders,
  ): Call {
    const { _meta } = frame.params ?? {};
    const meta = isObject(_meta) ? _meta : {};
    const parent =
      contextOf(meta.traceparent, meta.tracestate) ??
      contextOf(headers.traceparent, headers.tracestate) ??
      ROOT_CONTEXT;
    const tool = toolOf(frame);
    const method = frame.method.slice(0, MAX_NAME_LENGTH);
    const span = this.tracer.startSpan(
      tool === undefined ? method : `${method} ${tool}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'rpc.system': 'jsonrpc',
          'mcp.method.name': method,
          ...(tool === undefined ? {} : { 'gen_ai.tool.name': tool }),
        },
      },
      parent,
    );
    return {
      frame: withMeta(frame, metaFor(span.spanContext())),
      outlet: {
        send: raw => outlet.send(raw),
        answer: (raw, outcome) => {
          this.end(span, raw);
          outlet.answer(raw, outcome);
        },
      },
    };
  }

  /** Sends what is left, for a moment. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, LAST_SPANS_MS);
    });
    await Promise.race([this.shutdown().catch(() => {}), late]);
    clearTimeout(timer);
  }

  private end(span: Span, answer: string): void {
    if (span.isRecording()) {
      const error = errorIn(answer);
      if (error !== undefined) {
        span.setAttribute('error.type', error);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }
    span.end();
  }
}

/** Tracing to an OTLP collector; nothing of OpenTelemetry's SDK is loaded without one. */
export async function startTracing({
  tracing: { endpoint, service, ratio },
  pod,
}: BridgeConfig): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const url = `${endpoint.replace(/\/(v1\/traces\/?)?$/, '')}/v1/traces`;
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      ...(pod.uid === undefined ? {} : { 'service.instance.id': pod.uid }),
    }),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(ratio),
    }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) }),
    ],
  });
  return new Tracing(provider.getTracer('mcp-bridge', version), () =>
    provider.shutdown(),
  );
}
