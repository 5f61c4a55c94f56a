import type { Run } from "./blocks.ts";

const BITS = 32;
const popCount = (word: number): number => {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};

/** The bits `from` to `to` (exclusive, at most 32) of a word. */
const mask = (from: number, to: number): number => {
  const upTo = to === BITS ? 0xffffffff : (1 << to) - 1;
  return (upTo & ~((1 << from) - 1)) >>> 0;
};

/**
 * One bit per block under a summary of one bit per 32 blocks, so that a scan over a large, mostly clean disk reads
 * the summary alone. Counts its bits as they change. For one thread: no operation waits. `set` and `clear` allocate
 * nothing: they are in the path of every write.
 */
export class BlockBitmap {
  readonly blocks: number;
  readonly #words: Uint32Array;
  readonly #summary: Uint32Array;
  #count = 0;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.#words = new Uint32Array(Math.ceil(blocks / BITS));
    this.#summary = new Uint32Array(Math.ceil(this.#words.length / BITS));
  }

  /** Number of bits set. */
  get count(): number {
    return this.#count;
  }

  has(block: number): boolean {
    return (((this.#words[block >>> 5] ?? 0) >>> (block & 31)) & 1) === 1;
  }

  /** Sets `count` bits from `first`; answers how many were clear. */
  set(first: number, count: number): number {
    const before = this.#count;
    const end = Math.min(first + count, this.blocks);
    for (let block = first; block < end; ) {
      const index = block >>> 5;
      const to = Math.min(BITS, end - index * BITS);
      const bits = mask(block & 31, to);
      const old = this.#words[index] ?? 0;
      this.#words[index] = old | bits;
      this.#count += popCount(bits & ~old);
      this.#summary[index >>> 5] = (this.#summary[index >>> 5] ?? 0) | (1 << (index & 31));
      block = index * BITS + to;
    }
    return this.#count - before;
  }

  /** Clears `count` bits from `first`; answers how many were set. */
  clear(first: number, count: number): number {
    const before = this.#count;
    const end = Math.min(first + count, this.blocks);
    for (let block = first; block < end; ) {
      const index = block >>> 5;
      const to = Math.min(BITS, end - index * BITS);
      const bits = mask(block & 31, to);
      const old = this.#words[index] ?? 0;
      const left = old & ~bits;
      this.#words[index] = left;
      this.#count -= popCount(old & bits);
      if (left === 0) this.#summary[index >>> 5] = (this.#summary[index >>> 5] ?? 0) & ~(1 << (index & 31));
      block = index * BITS + to;
    }
    return before - this.#count;
  }

  /** The first set bit at or after `from`. */
  next(from: number): number | undefined {
    if (from >= this.blocks) return undefined;
    const index = from >>> 5;
    const here = ((this.#words[index] ?? 0) & mask(from & 31, BITS)) >>> 0;
    if (here !== 0) return index * BITS + lowest(here);
    let word = this.#nextWord(index + 1);
    if (word === undefined) return undefined;
    const bits = this.#words[word] ?? 0;
    word *= BITS;
    return word + lowest(bits);
  }

  /** The first run of set bits at or after `from`, cut at `limit` blocks. */
  nextRun(from: number, limit: number): Run | undefined {
    const first = this.next(from);
    if (first === undefined) return undefined;
    const end = Math.min(first + limit, this.blocks);
    let past = first + 1;
    while (past < end && this.has(past)) past++;
    return { first, count: past - first };
  }

  /** Takes all bits out into a bitmap of their own, leaving this one clear. */
  take(): BlockBitmap {
    const taken = new BlockBitmap(this.blocks);
    taken.#words.set(this.#words);
    taken.#summary.set(this.#summary);
    taken.#count = this.#count;
    this.#words.fill(0);
    this.#summary.fill(0);
    this.#count = 0;
    return taken;
  }

  #nextWord(from: number): number | undefined {
    for (let s = from >>> 5, low = from & 31; s < this.#summary.length; s++, low = 0) {
      const bits = ((this.#summary[s] ?? 0) & mask(low, BITS)) >>> 0;
      if (bits !== 0) return s * BITS + lowest(bits);
    }
    return undefined;
  }
}

const lowest = (word: number): number => 31 - Math.clz32(word & -word);
