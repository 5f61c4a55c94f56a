/** Words of a row: its key, a segment, a position. */
const WIDTH = 3;
const FEWEST_ROWS = 4;

/** Rows kept ahead: a quarter, so that growing is seldom and little is idle. */
const capacityFor = (rows: number): number => Math.max(FEWEST_ROWS, rows + (rows >>> 2));

/** Rows of three numbers of 32 bits in their order, packed; their owner says what the key means. */
export class Rows {
  #words = new Uint32Array(FEWEST_ROWS * WIDTH);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  key(row: number): number {
    return this.#words[row * WIDTH] ?? 0;
  }

  segment(row: number): number {
    return this.#words[row * WIDTH + 1] ?? 0;
  }

  position(row: number): number {
    return this.#words[row * WIDTH + 2] ?? 0;
  }

  setKey(row: number, key: number): void {
    this.#words[row * WIDTH] = key;
  }

  set(row: number, key: number, segment: number, position: number): void {
    const at = row * WIDTH;
    this.#words[at] = key;
    this.#words[at + 1] = segment;
    this.#words[at + 2] = position;
  }

  /** Makes the rows from `from` to before `to` into `rows` rows; what these say is for the caller to set. */
  splice(from: number, to: number, rows: number): void {
    const [old, count] = [this.#count, this.#count + rows - (to - from)];
    this.#count = count;
    const capacity = this.#words.length / WIDTH;
    if (count > capacity || (capacity > FEWEST_ROWS && count < capacity >>> 1)) {
      const words = new Uint32Array(capacityFor(count) * WIDTH);
      words.set(this.#words.subarray(0, from * WIDTH));
      words.set(this.#words.subarray(to * WIDTH, old * WIDTH), (from + rows) * WIDTH);
      this.#words = words;
    } else if (rows !== to - from && to < old) {
      this.#words.copyWithin((from + rows) * WIDTH, to * WIDTH, old * WIDTH);
    }
  }

  clone(): Rows {
    const clone = new Rows();
    clone.#words = this.#words.slice(0, Math.max(FEWEST_ROWS, this.#count) * WIDTH);
    clone.#count = this.#count;
    return clone;
  }
}
