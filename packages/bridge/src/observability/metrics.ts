import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RefusalReason } from '../frames/errors';
import type { JsonObject } from '../frames/json';
import { BoundedLabels, methodLabel, schemeOf } from './labels';
import { usageOf } from './usage';

export type CallStatus = 'ok' | 'error' | 'timeout' | 'cancelled';

/** What gauges read at the moment of a scrape. */
export interface MetricSources {
  readonly sessions: () => number;
  readonly children: () => number;
  readonly childPids: () => readonly number[];
  readonly ready: () => boolean;
  readonly healthy: () => boolean;
}

const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  60, 300,
];
const OVERHEAD = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1,
];
const MAX_TOOLS = 100;
const MAX_SCHEMES = 20;

interface CallSeries {
  inc(): void;
  observe(seconds: number): void;
}

/** The bridge's Prometheus metrics. Label values are bounded whatever clients send. */
export class BridgeMetrics {
  readonly registry = new Registry();

  private readonly tools = new BoundedLabels(MAX_TOOLS);
  private readonly schemes = new BoundedLabels(MAX_SCHEMES);
  private readonly series = new Map<string, CallSeries>();
  private connections = 0;

  private readonly requests = this.counter(
    'mcp_requests_total',
    'Answered requests',
    ['method', 'status', 'endpoint'],
  );
  private readonly durations = new Histogram({
    name: 'mcp_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer',
    labelNames: ['method', 'endpoint'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly overheads = new Histogram({
    name: 'mcp_bridge_overhead_seconds',
    help: "The bridge's own time for one message in one direction",
    buckets: OVERHEAD,
    registers: [this.registry],
  });
  private readonly toolCalls = this.counter(
    'mcp_tool_executions_total',
    'Tool calls',
    ['tool_name', 'status'],
  );
  private readonly resources = this.counter(
    'mcp_resource_access_total',
    'Uses of resources',
    ['resource_type', 'operation'],
  );
  private readonly rejections = this.counter(
    'mcp_rejected_total',
    'What the bridge refused or dropped',
    ['reason'],
  );
  private readonly forwards = this.counter(
    'mcp_forwarded_total',
    'Requests for sessions of other replicas',
    ['result'],
  );
  private readonly totalConnections = this.counter(
    'mcp_total_connections',
    'Connections accepted',
    [],
  );
  private readonly restarts = this.counter(
    'mcp_child_restarts_total',
    'Processes that ended without being asked to, and were replaced',
    [],
  );
  private readonly reclaims = this.counter(
    'mcp_sessions_reclaimed_total',
    'Quiet sessions that were ended for a new one',
    [],
  );
  private readonly noiseLines = this.counter(
    'mcp_child_noise_lines_total',
    'Lines on stdout that were no messages',
    [],
  );

  constructor(sources: MetricSources) {
    this.gauge(
      'mcp_active_connections',
      'Open connections',
      () => this.connections,
    );
    this.gauge('mcp_sessions_active', 'Open sessions', sources.sessions);
    this.gauge(
      'mcp_children_active',
      'Running processes, the spare included',
      sources.children,
    );
    this.gauge('mcp_server_health', '1 when the bridge works', () =>
      Number(sources.healthy()),
    );
    this.gauge('mcp_server_ready', '1 when new sessions can be served', () =>
      Number(sources.ready()),
    );
    this.gauge(
      'mcp_memory_usage',
      'Resident bytes of the bridge and all processes of the server',
      () => usageOf(sources.childPids()).memoryBytes,
    );
    this.gauge(
      'mcp_cpu_usage',
      'Cores in use by the bridge and all processes of the server',
      () => usageOf(sources.childPids()).cores,
    );
  }

  connected(): void {
    this.connections++;
    this.totalConnections.inc();
  }

  disconnected(): void {
    this.connections--;
  }

  call(
    method: string,
    params: JsonObject | undefined,
    status: CallStatus,
    endpoint: string,
    seconds: number,
  ): void {
    const label = methodLabel(method);
    const series = this.seriesOf(label, status, endpoint);
    series.inc();
    series.observe(seconds);
    if (label === 'tools/call') {
      this.toolCalls.inc({ tool_name: this.tools.of(params?.name), status });
    } else if (label.startsWith('resources/')) {
      const type =
        params?.uri === undefined
          ? 'other'
          : this.schemes.of(schemeOf(params.uri));
      this.resources.inc({
        resource_type: type,
        operation: label.slice('resources/'.length),
      });
    }
  }

  overhead(seconds: number): void {
    this.overheads.observe(seconds);
  }

  rejected(reason: RefusalReason): void {
    this.rejections.inc({ reason });
  }

  /** `gone` was answered with 404, `unsure` with 503. */
  forwarded(result: 'answered' | 'gone' | 'unsure'): void {
    this.forwards.inc({ result });
  }

  childDied(): void {
    this.restarts.inc();
  }

  reclaimed(): void {
    this.reclaims.inc();
  }

  noise(): void {
    this.noiseLines.inc();
  }

  /** Finding a series by its labels costs more than counting, so it is found once. */
  private seriesOf(
    method: string,
    status: CallStatus,
    endpoint: string,
  ): CallSeries {
    const key = `${method} ${status} ${endpoint}`;
    let series = this.series.get(key);
    if (!series) {
      const requests = this.requests.labels({ method, status, endpoint });
      const durations = this.durations.labels({ method, endpoint });
      series = {
        inc: () => requests.inc(),
        observe: seconds => durations.observe(seconds),
      };
      this.series.set(key, series);
    }
    return series;
  }

  private counter<T extends string>(
    name: string,
    help: string,
    labelNames: T[],
  ): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, read: () => number): void {
    const registers = [this.registry];
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => gauge.set(read()),
    });
  }
}
