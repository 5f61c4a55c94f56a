import type { Slabs, Slot } from "./slabs.ts";

/** Words of a row: its key, a segment, a position. */
export const ROW_WORDS = 3;
const FEWEST_ROWS = 8;

/** Rows of three numbers of 32 bits in their order, packed; their owner says what the key means. */
export class Rows {
  readonly #slabs: Slabs;
  #slot: Slot;
  #words: Uint32Array;
  #base: number;
  #count = 0;

  constructor(slabs: Slabs, rows = FEWEST_ROWS) {
    this.#slabs = slabs;
    this.#slot = slabs.take(rows * ROW_WORDS);
    this.#words = this.#slot.words;
    this.#base = this.#slot.base;
  }

  get count(): number {
    return this.#count;
  }

  key(row: number): number {
    return this.#words[this.#base + row * ROW_WORDS] ?? 0;
  }

  segment(row: number): number {
    return this.#words[this.#base + row * ROW_WORDS + 1] ?? 0;
  }

  position(row: number): number {
    return this.#words[this.#base + row * ROW_WORDS + 2] ?? 0;
  }

  setKey(row: number, key: number): void {
    this.#words[this.#base + row * ROW_WORDS] = key;
  }

  set(row: number, key: number, segment: number, position: number): void {
    const at = this.#base + row * ROW_WORDS;
    this.#words[at] = key;
    this.#words[at + 1] = segment;
    this.#words[at + 2] = position;
  }

  /** Makes the rows from `from` to before `to` into `rows` rows; what these say is for the caller to set. */
  splice(from: number, to: number, rows: number): void {
    const [old, count] = [this.#count, this.#count + rows - (to - from)];
    const words = count * ROW_WORDS;
    this.#count = count;
    if (words > this.#slot.size || (words < this.#slot.size >>> 1 && count > FEWEST_ROWS)) {
      this.#resettle(from, to, rows, old);
    } else if (rows !== to - from && to < old) {
      const base = this.#base;
      this.#words.copyWithin(base + (from + rows) * ROW_WORDS, base + to * ROW_WORDS, base + old * ROW_WORDS);
    }
  }

  /** The same rows, for the caller to free. */
  clone(): Rows {
    const clone = new Rows(this.#slabs, Math.max(FEWEST_ROWS, this.#count));
    clone.#count = this.#count;
    clone.#words.set(this.#from(0, this.#count), clone.#base);
    return clone;
  }

  /** Gives its memory back; it isn't used after. */
  free(): void {
    this.#slabs.give(this.#slot);
  }

  /** As `splice`, into memory of another size. */
  #resettle(from: number, to: number, rows: number, old: number): void {
    const slot = this.#slabs.take((this.#count + (this.#count >>> 4)) * ROW_WORDS);
    slot.words.set(this.#from(0, from), slot.base);
    slot.words.set(this.#from(to, old), slot.base + (from + rows) * ROW_WORDS);
    this.#slabs.give(this.#slot);
    this.#slot = slot;
    this.#words = slot.words;
    this.#base = slot.base;
  }

  #from(row: number, end: number): Uint32Array {
    return this.#words.subarray(this.#base + row * ROW_WORDS, this.#base + end * ROW_WORDS);
  }
}
