import { Readable, Writable } from 'node:stream';
import { CREDIT_STEP, WINDOW } from './frames';

/** The stdin of a process at an agent: sends what there is credit for, and waits for more. */
export class AgentInput extends Writable {
  private credit = WINDOW;
  private goOn?: () => void;

  /** @param pass sends bytes; none of them mean the end */
  constructor(private readonly pass: (bytes: Buffer) => void) {
    super();
  }

  /** The agent has passed so many bytes on. */
  grant(bytes: number): void {
    this.credit += bytes;
    const { goOn } = this;
    this.goOn = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const now = chunk.subarray(0, this.credit);
    if (now.length > 0) {
      this.credit -= now.length;
      this.pass(now);
    }
    if (now.length === chunk.length) done();
    else
      this.goOn = () =>
        this._write(chunk.subarray(now.length), _encoding, done);
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: () => void): void {
    this.pass(Buffer.alloc(0));
    done();
  }
}

/** What a process at an agent prints: gives credit back as it is read. */
export class AgentOutput extends Readable {
  private received = 0;
  private granted = 0;

  constructor(private readonly giveBack: (bytes: number) => void) {
    super();
  }

  /** @throws Error when the agent sends more than it may */
  receive(bytes: Buffer): void {
    if (bytes.length === 0) {
      this.push(null);
      return;
    }
    this.received += bytes.length;
    if (this.received - this.granted > WINDOW)
      throw new Error('it sends more than it has credit for');
    this.push(bytes);
    this.settle();
  }

  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    this.settle();
    return chunk;
  }

  override _read(): void {}

  private settle(): void {
    const taken = this.received - this.readableLength - this.granted;
    if (taken < CREDIT_STEP) return;
    this.granted += taken;
    this.giveBack(taken);
  }
}
