/** What becomes of what was not synced when the power goes. */
export interface Fate {
  /** Which of so many values of one thing, oldest first, storage holds; 0 is the durable one. */
  value(count: number): number;
  /** Whether a change of directory entries has reached storage. */
  change(): boolean;
}

/** A value that storage holds, and those that have taken its place since in a cache that needs power. */
export class Versions<T> {
  readonly #values: { readonly value: T; readonly at: number }[];

  constructor(durable: T) {
    this.#values = [{ value: durable, at: 0 }];
  }

  get latest(): T {
    return this.#at(this.#values.length - 1);
  }

  get volatile(): boolean {
    return this.#values.length > 1;
  }

  /** `at`: when the change had ended, from which on a sync covers it. */
  set(value: T, at: number): void {
    this.#values.push({ value, at });
  }

  /** What had been set until then is durable, and what it had replaced is past. */
  settle(until: number): void {
    const newest = this.#values.findLastIndex(({ at }) => at <= until);
    this.#values.splice(0, newest);
  }

  survivor(fate: Fate): T {
    return this.#at(fate.value(this.#values.length));
  }

  #at(index: number): T {
    return (this.#values[index] as { value: T }).value;
  }
}
