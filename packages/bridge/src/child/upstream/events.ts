import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { parseBody } from '../../frames/frame';

/** The data of an event; nothing when it was longer than it may be. */
export interface ServerEvent {
  readonly data?: string;
}

const LINE_END = /\r\n|\n|\r/;
/** How long to wait before a stream is opened again, when its server does not say, in milliseconds. */
const RETRY_MS = 1000;

/** Reads the events of a stream (`text/event-stream`), which may go on over several replies. */
export class EventReader {
  /** Where the stream goes on; servers that cannot resume send none. */
  lastId?: string;
  /** How long to wait before it is opened again, in milliseconds. */
  retryMs = RETRY_MS;
  private decoder = new StringDecoder('utf8');
  private afterReturn = false;
  private line = '';
  private isLineEmpty = true;
  private data: string[] = [];
  /** Characters of the event that were kept or dropped. */
  private length = 0;

  /** @param maxLength of an event, in characters; what is longer is dropped as it comes */
  constructor(private readonly maxLength: () => number) {}

  /** @returns the events that are complete now */
  push(chunk: Buffer): ServerEvent[] {
    let text = this.decoder.write(chunk);
    if (text === '') return [];
    // The second half of a line end that two chunks share.
    if (this.afterReturn && text.startsWith('\n')) text = text.slice(1);
    this.afterReturn = text.endsWith('\r');
    const [first, ...rest] = text.split(LINE_END);
    const found: ServerEvent[] = [];
    this.add(first);
    for (const part of rest) {
      const event = this.endLine();
      if (event) found.push(event);
      this.add(part);
    }
    return found;
  }

  /** The reply has ended, and half an event with it. */
  end(): void {
    this.decoder = new StringDecoder('utf8');
    this.afterReturn = false;
    this.line = '';
    this.isLineEmpty = true;
    this.reset();
  }

  private get isOversized(): boolean {
    return this.length > this.maxLength();
  }

  private add(text: string): void {
    if (text === '') return;
    this.isLineEmpty = false;
    this.length += text.length;
    if (this.isOversized) this.drop();
    else this.line += text;
  }

  private endLine(): ServerEvent | undefined {
    const { line, isLineEmpty } = this;
    this.line = '';
    this.isLineEmpty = true;
    if (!isLineEmpty) {
      if (!this.isOversized) this.readField(line);
      return undefined;
    }
    const { data, isOversized } = this;
    this.reset();
    if (isOversized) return {};
    const text = data.join('\n');
    return text === '' ? undefined : { data: text };
  }

  private readField(line: string): void {
    const [, name = line, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'data') this.data.push(value);
    else if (name === 'id') this.lastId = value;
    else if (name === 'retry' && /^\d{1,9}$/.test(value))
      this.retryMs = Number(value);
  }

  private drop(): void {
    this.line = '';
    this.data = [];
  }

  private reset(): void {
    this.data = [];
    this.length = 0;
  }
}

/**
 * Reads a reply to its end, which may come early.
 * @param take gets each message; nothing for one that was too long
 */
export async function readEvents(
  reply: IncomingMessage,
  reader: EventReader,
  take: (message: string | undefined) => Promise<void>,
): Promise<void> {
  try {
    for await (const chunk of reply as AsyncIterable<Buffer>)
      for (const { data } of reader.push(chunk))
        for (const message of messagesIn(data)) await take(message);
  } catch {
    // What is broken off has ended, too.
  }
  reader.end();
}

/** Servers of 2025-03-26 may put several messages into one event. */
function messagesIn(data: string | undefined): (string | undefined)[] {
  if (data?.trimStart().startsWith('[') !== true) return [data];
  try {
    return parseBody(data).frames.map(({ raw }) => raw);
  } catch {
    return [data]; // whoever reads it says what is wrong
  }
}
