/** Messages that wait for a stream to go out on; bounded, the oldest give way. */
export class HeldMessages {
  private readonly messages: string[] = [];
  private bytes = 0;

  constructor(
    private readonly maxCount: number,
    private readonly maxBytes: number,
    private readonly onDrop: () => void,
  ) {}

  push(raw: string): void {
    this.messages.push(raw);
    this.bytes += raw.length;
    while (this.messages.length > this.maxCount || this.bytes > this.maxBytes) {
      this.bytes -= this.messages.shift()?.length ?? 0;
      this.onDrop();
    }
  }

  /** Everything held, oldest first; holds nothing then. */
  takeAll(): string[] {
    this.bytes = 0;
    return this.messages.splice(0);
  }
}
