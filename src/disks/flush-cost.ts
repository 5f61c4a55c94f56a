/** What an older flush counts, against the one after it. */
const MEMORY = 0.7;
/** Flushes faster than this are all alike: timers and threads decide how long they take. */
const TELLING_MS = 0.2;
/** What flushes of another kind count, against one of the kind that is asked about. */
const FADED = 1e-6;
/** Sizes that differ by less, for what they count, are alike; faded ones still tell. */
const ALIKE = 1e-12;
const MIB = 1024 ** 2;
/** Fewer bytes count as none: what their flush takes is what every flush does. A line through few points would go below that. */
const LITTLE_BYTES = MIB / 2;

/**
 * What a flush of the target takes, learnt from those seen: a part that is always there and a part per byte written
 * since the flush before, fitted so that each counts by how far off it is in proportion: to what it took and to what was
 * expected, so that one that was exceptionally fast doesn't decide everything. A flush of a whole disk so says much about
 * the bytes and little about the flush of a few blocks.
 */
export class FlushCost {
  #weight = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;

  record(bytes: number, ms: number): void {
    const x = bytes < LITTLE_BYTES ? 0 : bytes / MIB;
    const y = Math.max(ms, TELLING_MS);
    const expected = this.baseMs + this.#perMib * x;
    const weight = 4 / (y + (expected > 0 ? expected : y)) ** 2;
    this.#weight = this.#weight * MEMORY + weight;
    this.#x = this.#x * MEMORY + weight * x;
    this.#y = this.#y * MEMORY + weight * y;
    this.#xx = this.#xx * MEMORY + weight * x * x;
    this.#xy = this.#xy * MEMORY + weight * x * y;
  }

  /** What was learnt so far says little of what comes from now on, and nothing once that was seen. */
  fade(): void {
    this.#weight *= FADED;
    this.#x *= FADED;
    this.#y *= FADED;
    this.#xx *= FADED;
    this.#xy *= FADED;
  }

  /** Milliseconds that a flush takes however little there is to flush; 0 before the first was seen. */
  get baseMs(): number {
    if (this.#weight === 0) return 0;
    return Math.max(0, (this.#y - this.#perMib * this.#x) / this.#weight);
  }

  /** Milliseconds that each byte adds. */
  get msPerByte(): number {
    return this.#perMib / MIB;
  }

  get #perMib(): number {
    const spread = this.#weight * this.#xx - this.#x ** 2;
    // Flushes of like sizes can't be told apart: those of much are taken to last for what they have to write.
    if (spread <= this.#weight * this.#xx * ALIKE) return this.#x > this.#weight ? this.#y / this.#x : 0;
    return Math.max(0, (this.#weight * this.#xy - this.#x * this.#y) / spread);
  }
}
