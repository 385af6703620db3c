import type { ServerResponse } from 'node:http';
import type { BridgeConfig } from '../config/schema';
import type { BridgeMetrics } from '../observability/metrics';
import type { Session } from '../session/session';
import type { FreeOutlet } from '../session/types';
import { connectionTo, EventConnection } from './connection';
import type { Permit } from './permit';
import { EVENT_STREAM_HEADERS } from './reply';
import { EventStream, RETRY_LINE, StreamStore } from './streams';

/** GET streams of one session that may be open at a time; one more ends the oldest. */
const MAX_FREE_STREAMS = 4;
/** A GET stream is not ended sooner than this, to see whether its client comes back. */
const SHORTEST_STREAM_MS = 1000;

/** What a session has on the wire. */
interface Wire {
  readonly store: StreamStore;
  /** The outlets of GET streams, found again when such a stream is resumed. */
  readonly free: Map<EventStream, FreeOutlet>;
}

/** The event streams of `/mcp`: those of GET, and what a session keeps for resumption. */
export class GetStreams {
  private readonly wires = new WeakMap<Session, Wire>();

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly metrics: BridgeMetrics,
  ) {}

  storeOf(session: Session): StreamStore {
    return this.wireOf(session).store;
  }

  connect(session: Session, res: ServerResponse): EventConnection {
    const limits = () => this.config().limits;
    return connectionTo(session, res, limits, this.metrics);
  }

  open(
    session: Session,
    permit: Permit,
    res: ServerResponse,
    lastEventId: string | undefined,
  ): void {
    const wire = this.wireOf(session);
    session.touch();
    const found =
      lastEventId === undefined ? undefined : wire.store.find(lastEventId);

    res.writeHead(200, EVENT_STREAM_HEADERS);
    res.flushHeaders();
    if (found && !wire.free.has(found.stream)) {
      found.stream.resume(this.connect(session, res), found.seq);
      return;
    }
    const connection = this.connect(session, res);
    const stream = found?.stream ?? wire.store.create(connection);
    if (found) stream.resume(connection, found.seq);
    else if (session.protocolVersion === '2025-11-25') stream.prime();
    if (!connection.closed) this.attach(session, permit, stream, connection);
  }

  /** Lets a stream carry what belongs to no call, as long as its connection lives. */
  private attach(
    session: Session,
    permit: Permit,
    stream: EventStream,
    connection: EventConnection,
  ): void {
    const wire = this.wireOf(session);
    const { sessionIdle, keepAlive } = this.config().limits;
    const end = () => {
      connection.write(RETRY_LINE);
      stream.finish();
    };
    // Clients come back with the token they have, which is verified then.
    const outlet: FreeOutlet = {
      send: raw => stream.send(raw),
      end,
      renew: end,
    };
    const stopWatch = permit.watch(keepAlive, end);
    // A peer that still lives comes back, which is how one that is gone is told from it.
    const lifetime = Math.max(SHORTEST_STREAM_MS, sessionIdle / 2);
    const recycle = setTimeout(() => connection.end(RETRY_LINE), lifetime);
    connection.onClose = () => {
      clearTimeout(recycle);
      stopWatch();
      session.detach(outlet);
      // Without anything to replay there is nothing to come back to.
      wire.store.forget(stream);
      if (stream.events.length === 0) wire.free.delete(stream);
    };
    wire.free.set(stream, outlet);
    if (session.freeStreams >= MAX_FREE_STREAMS) session.dropOldestFree();
    session.attach(outlet);
  }

  private wireOf(session: Session): Wire {
    let wire = this.wires.get(session);
    if (!wire) {
      wire = {
        store: new StreamStore(() => this.config().limits.maxReplay),
        free: new Map(),
      };
      this.wires.set(session, wire);
    }
    return wire;
  }
}
