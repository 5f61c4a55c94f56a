/** What is older counts half of what comes after it. */
const MEMORY = 0.5;

/** Bytes per second over the last few rounds, each with the weight of its size. */
export class DecayingRate {
  #bytes = 0;
  #ms = 0;

  add(bytes: number, ms: number): void {
    this.#bytes = this.#bytes * MEMORY + bytes;
    this.#ms = this.#ms * MEMORY + ms;
  }

  /** 0 before anything was added. */
  get perSecond(): number {
    return this.#ms === 0 ? 0 : (this.#bytes / this.#ms) * 1000;
  }
}
