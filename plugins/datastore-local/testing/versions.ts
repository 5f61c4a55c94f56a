/** Numbers below a limit, the same ones for the same seed. */
export type Pick = (below: number) => number;

export const seeded = (seed: number): Pick => {
  let state = seed | 0;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
};

/** A value that storage holds, and those that have taken its place since in a cache that needs power. */
export class Versions<T> {
  readonly #values: { readonly value: T; readonly at: number }[];

  constructor(durable: T) {
    this.#values = [{ value: durable, at: 0 }];
  }

  get latest(): T {
    return (this.#values.at(-1) as { value: T }).value;
  }

  set(value: T, at: number): void {
    this.#values.push({ value, at });
  }

  /** What was set until then is durable, and what it had replaced is past. */
  settle(until: number): void {
    this.#values.splice(
      0,
      this.#values.findLastIndex(({ at }) => at <= until),
    );
  }

  /** What storage holds after a power cut: the durable value, or any that was set since. */
  survivor(pick: Pick): T {
    return (this.#values[pick(this.#values.length)] as { value: T }).value;
  }
}
