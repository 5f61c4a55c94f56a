/** What came, for whoever waits for it, in the order in which it came. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiting: { resolve(item: T): void; reject(reason: Error): void }[] = [];
  #over: Error | undefined;

  put(item: T): void {
    const taker = this.#waiting.shift();
    if (taker) taker.resolve(item);
    else this.#items.push(item);
  }

  /** Rejects once it is `over`. */
  next(): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#over) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Nothing more will come. */
  over(reason: Error): void {
    this.#over = reason;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }
}
