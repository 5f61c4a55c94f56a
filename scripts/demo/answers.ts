/** When writes were answered, in milliseconds since the epoch, and how long each had waited. */
export class Answers {
  readonly #atMs: number[] = [];
  readonly #waitMs: number[] = [];

  add(atMs: number, waitMs: number): void {
    this.#atMs.push(atMs);
    this.#waitMs.push(waitMs);
  }

  get count(): number {
    return this.#atMs.length;
  }

  /** Of the writes answered from `fromMs` until before `toMs`. */
  between(fromMs: number, toMs = Number.POSITIVE_INFINITY): Waits {
    const waits = this.#waitMs
      .filter((_, index) => {
        const atMs = this.#atMs[index] ?? 0;
        return atMs >= fromMs && atMs < toMs;
      })
      .sort((a, b) => a - b);
    const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0;
    return { writes: waits.length, halfMs: at(0.5), mostMs: at(0.99), longestMs: waits.at(-1) ?? 0 };
  }
}

/** Half of the writes waited no longer than `halfMs`, 99 % no longer than `mostMs`. */
export interface Waits {
  readonly writes: number;
  readonly halfMs: number;
  readonly mostMs: number;
  readonly longestMs: number;
}

/** Now, in milliseconds since the epoch, finer than `Date.now()`. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
