/** How many commits are remembered. */
const REMEMBERED = 100;
/** What a commit is expected to take before one was seen, in milliseconds. */
const FIRST_GUESS_MS = 3;

/** What the owner record's transaction has taken lately: the switch-over must leave room for it. */
export class CommitTime {
  readonly #recent: number[] = [];

  record(ms: number): void {
    this.#recent.push(ms);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
  }

  /** The 99th percentile, in milliseconds. */
  get p99Ms(): number {
    const sorted = [...this.#recent].sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? FIRST_GUESS_MS;
  }
}
