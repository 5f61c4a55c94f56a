import { NOWHERE } from "../cell.ts";

/** Words of a slot: segment, live bytes, total bytes. */
const WIDTH = 3;
const FEWEST_SLOTS = 16;

export interface SegmentUse {
  readonly segment: number;
  /** Bytes of its cells that the map points at. */
  readonly liveBytes: number;
  /** As it was added; 0 where it has not been yet. */
  readonly totalBytes: number;
}

/** What is in use of each segment: a hash table of 12 bytes a slot, at most three quarters full. */
export class SegmentTable implements Iterable<SegmentUse> {
  #words = new Uint32Array(FEWEST_SLOTS * WIDTH).fill(NOWHERE);
  #size = 0;

  get bytes(): number {
    return this.#words.byteLength;
  }

  liveBytes(segment: number): number {
    const at = this.#find(segment);
    return this.#words[at] === segment ? (this.#words[at + 1] ?? 0) : 0;
  }

  /** Says how much the segment holds, whatever is live of it. */
  add(segment: number, totalBytes: number): void {
    this.#words[this.#take(segment) + 2] = totalBytes;
  }

  /** Forgets a segment that the map points at nowhere. */
  forget(segment: number): void {
    let gap = this.#find(segment);
    if (this.#words[gap] !== segment) return;
    if (this.#words[gap + 1] !== 0) throw new RangeError(`segment ${segment} is in use`);
    this.#size--;
    // What was put behind it because its slot was taken moves up, so that no search ends early.
    for (let at = this.#next(gap); this.#words[at] !== NOWHERE; at = this.#next(at)) {
      const home = this.#home(this.#words[at] ?? 0);
      const stays = gap < at ? home > gap && home <= at : home > gap || home <= at;
      if (stays) continue;
      this.#words.copyWithin(gap, at, at + WIDTH);
      gap = at;
    }
    this.#words.fill(NOWHERE, gap, gap + WIDTH);
  }

  /** Of the map: more of the segment is pointed at. */
  gain(segment: number, bytes: number): void {
    const at = this.#take(segment) + 1;
    this.#words[at] = (this.#words[at] ?? 0) + bytes;
  }

  /** Of the map: less of the segment is pointed at. */
  lose(segment: number, bytes: number): void {
    const at = this.#find(segment) + 1;
    this.#words[at] = (this.#words[at] ?? 0) - bytes;
  }

  /** In no order; as the table is now, whatever becomes of it. */
  [Symbol.iterator](): IterableIterator<SegmentUse> {
    return usesOf(this.#words.slice());
  }

  /** Where the segment's slot is, made if it has none. */
  #take(segment: number): number {
    const at = this.#find(segment);
    if (this.#words[at] === segment) return at;
    if ((this.#size + 1) * WIDTH * 4 > this.#words.length * 3) {
      this.#grow();
      return this.#take(segment);
    }
    this.#size++;
    this.#words[at] = segment;
    this.#words[at + 1] = 0;
    this.#words[at + 2] = 0;
    return at;
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(old.length * 2).fill(NOWHERE);
    for (let at = 0; at < old.length; at += WIDTH)
      if (old[at] !== NOWHERE) this.#words.set(old.subarray(at, at + WIDTH), this.#find(old[at] ?? 0));
  }

  /** Where the segment's slot is, or the free one in which it would be. */
  #find(segment: number): number {
    let at = this.#home(segment);
    while (this.#words[at] !== segment && this.#words[at] !== NOWHERE) at = this.#next(at);
    return at;
  }

  /** Where the segment is looked for first: slots are a power of two. */
  #home(segment: number): number {
    const slots = this.#words.length / WIDTH;
    return (Math.imul(segment, 0x9e3779b1) >>> Math.clz32(slots - 1)) * WIDTH;
  }

  #next(at: number): number {
    const next = at + WIDTH;
    return next === this.#words.length ? 0 : next;
  }
}

function* usesOf(words: Uint32Array): IterableIterator<SegmentUse> {
  for (let at = 0; at < words.length; at += WIDTH) {
    const [segment = NOWHERE, liveBytes = 0, totalBytes = 0] = [words[at], words[at + 1], words[at + 2]];
    if (segment !== NOWHERE) yield { segment, liveBytes, totalBytes };
  }
}
