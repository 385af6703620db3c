import type { EventConnection } from './connection';

/** What clients are asked to wait before they connect again, in milliseconds. */
const RETRY_MS = 1000;
/** Tells a client when to connect again; sent before a stream is ended. */
export const RETRY_LINE = `retry: ${RETRY_MS}\n\n`;

interface StoredEvent {
  readonly seq: number;
  readonly raw: string;
}

/**
 * One logical event stream. It outlives its connection: what is sent while
 * nobody listens is kept (bounded by its store) and replayed on resumption.
 */
export class EventStream {
  connection?: EventConnection;
  finished = false;
  readonly events: StoredEvent[] = [];
  private seq = 0;

  constructor(readonly number: number, private readonly store: StreamStore) {}

  /** An event without data whose id a client can resume from. Older revisions' clients stumble over it. */
  prime(): void {
    this.connection?.write(
      `id: ${this.number}-${this.seq}\nretry: ${RETRY_MS}\ndata: \n\n`,
    );
  }

  send(raw: string): void {
    const event = { seq: ++this.seq, raw };
    this.connection?.write(this.format(event));
    this.store.keep(this, event);
  }

  /** Ends the stream, after a last message if there is one. */
  finish(raw?: string): void {
    if (raw !== undefined) this.send(raw);
    this.finished = true;
    this.connection?.end();
  }

  /** Goes on over a new connection, after what came later than `seq`. */
  resume(connection: EventConnection, seq: number): void {
    this.connection?.end();
    this.connection = connection;
    for (const event of this.events)
      if (event.seq > seq) connection.write(this.format(event));
    if (this.finished) connection.end();
  }

  private format(event: StoredEvent): string {
    return `id: ${this.number}-${event.seq}\nevent: message\ndata: ${event.raw}\n\n`;
  }
}

/** The event streams of one session, with what may still be asked for again; the oldest events give way. */
export class StreamStore {
  private readonly streams = new Map<number, EventStream>();
  /** Streams in the order of their kept events. */
  private readonly order: EventStream[] = [];
  private bytes = 0;
  private next = 1;

  constructor(private readonly maxBytes: () => number) {}

  create(connection: EventConnection): EventStream {
    const stream = new EventStream(this.next++, this);
    stream.connection = connection;
    this.streams.set(stream.number, stream);
    return stream;
  }

  /** The stream that a `Last-Event-ID` belongs to, and how far its reader came. */
  find(lastEventId: string): { stream: EventStream; seq: number } | undefined {
    const match = /^(\d{1,12})-(\d{1,12})$/.exec(lastEventId);
    const stream = match ? this.streams.get(Number(match[1])) : undefined;
    return stream && match ? { stream, seq: Number(match[2]) } : undefined;
  }

  keep(stream: EventStream, event: StoredEvent): void {
    stream.events.push(event);
    this.order.push(stream);
    this.bytes += event.raw.length;
    while (this.bytes > this.maxBytes() && this.order.length > 0) {
      const oldest = this.order.shift();
      const dropped = oldest?.events.shift();
      this.bytes -= dropped?.raw.length ?? 0;
      if (oldest?.finished && oldest.events.length === 0)
        this.streams.delete(oldest.number);
    }
  }

  /** Forgets a stream that nobody can want again. */
  forget(stream: EventStream): void {
    if (stream.events.length === 0) this.streams.delete(stream.number);
  }
}
