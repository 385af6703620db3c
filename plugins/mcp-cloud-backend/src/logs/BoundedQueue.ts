/**
 * Hands items from several writers to one reader. At most `capacity` wait: `push` resolves when there is room, so a
 * slow reader slows the writers down and memory stays bounded.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #waitingWriters: Array<() => void> = [];
  #waitingReader?: () => void;
  #ended = false;
  #error?: unknown;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Resolves to whether the item was taken; after the end none is. */
  async push(item: T): Promise<boolean> {
    while (this.#items.length >= this.#capacity && !this.#ended) {
      await new Promise<void>(resolve => this.#waitingWriters.push(resolve));
    }
    if (this.#ended) {
      return false;
    }
    this.#items.push(item);
    this.#wakeReader();
    return true;
  }

  /** No more items; those that wait are still handed out. With an error the reader gets it in the end. */
  end(error?: unknown): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#error = error;
    }
    this.#wakeWriters();
    this.#wakeReader();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#wakeWriters();
          yield item;
        } else if (this.#ended) {
          if (this.#error !== undefined) {
            throw this.#error;
          }
          return;
        } else {
          await new Promise<void>(resolve => {
            this.#waitingReader = resolve;
          });
        }
      }
    } finally {
      this.#items.length = 0;
      this.end();
    }
  }

  #wakeReader(): void {
    this.#waitingReader?.();
    this.#waitingReader = undefined;
  }

  #wakeWriters(): void {
    const writers = this.#waitingWriters;
    this.#waitingWriters = [];
    writers.forEach(wake => wake());
  }
}
