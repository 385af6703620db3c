const LEAST_BYTES = 4096;

/**
 * Bytes that come in parts, and are put together as they come: a part that is
 * kept costs some hundred bytes, however few it brings, and whoever sends
 * crumbs would fill the memory with them.
 */
export class Gathered {
  length = 0;
  private bytes?: Buffer;

  add(part: Buffer): void {
    const length = this.length + part.length;
    if (!this.bytes) this.bytes = part; // mostly there is no other
    else {
      // The first part is full, so nothing is ever written into what belongs to others.
      if (length > this.bytes.length) this.grow(length);
      part.copy(this.bytes, this.length);
    }
    this.length = length;
  }

  /** All of it, once. */
  take(): Buffer {
    const all = this.bytes?.subarray(0, this.length) ?? Buffer.alloc(0);
    this.bytes = undefined;
    this.length = 0;
    return all;
  }

  private grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(2 * length, LEAST_BYTES));
    this.bytes?.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
