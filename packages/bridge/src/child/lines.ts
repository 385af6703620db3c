import { Gathered } from '../gathered';

/** What is left of a line that was too long: enough of both ends to find whose answer it was. */
export interface OversizedLine {
  readonly head: string;
  readonly tail: string;
}

const EDGE_BYTES = 4096;
const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines of at most `maxBytes()`. A longer line is
 * thrown away as it comes, so memory stays bounded, and reported with its ends.
 */
export class LineSplitter {
  private readonly line = new Gathered();
  private overflow?: { head: Buffer; tail: Buffer };

  constructor(
    private readonly maxBytes: () => number,
    private readonly onLine: (line: string) => void,
    private readonly onOversized: (line: OversizedLine) => void,
  ) {}

  push(chunk: Buffer): void {
    let from = 0;
    let newline = chunk.indexOf(NEWLINE);
    while (newline !== -1) {
      this.add(chunk.subarray(from, newline));
      this.finish();
      from = newline + 1;
      newline = chunk.indexOf(NEWLINE, from);
    }
    if (from < chunk.length) this.add(chunk.subarray(from));
  }

  /** The stream has ended; a last line without a line end counts too. */
  end(): void {
    if (this.line.length > 0 || this.overflow) this.finish();
  }

  private add(part: Buffer): void {
    if (this.overflow) {
      this.overflow.tail = Buffer.concat([
        this.overflow.tail,
        part.subarray(-EDGE_BYTES),
      ]).subarray(-EDGE_BYTES);
      return;
    }
    this.line.add(part);
    if (this.line.length > this.maxBytes()) {
      const all = this.line.take();
      this.overflow = {
        head: Buffer.from(all.subarray(0, EDGE_BYTES)),
        tail: Buffer.from(all.subarray(-EDGE_BYTES)),
      };
    }
  }

  private finish(): void {
    if (this.overflow) {
      const { head, tail } = this.overflow;
      this.overflow = undefined;
      this.onOversized({
        head: head.toString('utf8'),
        tail: tail.toString('utf8'),
      });
      return;
    }
    this.onLine(this.line.take().toString('utf8'));
  }
}

/** The id (one of the bridge's own numbers) of an oversized response, if it can be seen at either end. */
export function idOfOversized({
  head,
  tail,
}: OversizedLine): number | undefined {
  const atEnd =
    /[,{]\s*"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(
      tail,
    );
  const atStart =
    /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,15})\s*,/.exec(
      head,
    );
  const digits = atStart?.[1] ?? atEnd?.[1];
  return digits === undefined ? undefined : Number(digits);
}
