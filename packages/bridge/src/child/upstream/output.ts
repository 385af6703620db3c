import { Readable } from 'node:stream';

/** What a server has said over HTTP, one message per line, as if it had printed it. */
export class Output extends Readable {
  private readonly waiting: (() => void)[] = [];

  /** Resolves when the reader is ready for more. @param message a JSON text */
  async write(message: string): Promise<void> {
    if (this.destroyed) return;
    // Line ends in JSON stand between its tokens only.
    if (this.push(`${message.replace(/[\r\n]+/g, ' ')}\n`)) return;
    await new Promise<void>(resolve => this.waiting.push(resolve));
  }

  override _read(): void {
    for (const goOn of this.waiting.splice(0)) goOn();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    this._read();
    done(error);
  }
}
