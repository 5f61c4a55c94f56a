import type { Run } from "./blocks.ts";

/** Blocks of a page: 128 MiB of disk in 4 KiB of memory. */
const PAGE_BITS = 15;
const PAGE_BLOCKS = 1 << PAGE_BITS;
const PAGE_WORDS = PAGE_BLOCKS / 32;
/** Pages that have become uniform and are kept for the next mixed one, so that marks that come and go allocate nothing. */
const SPARE_PAGES = 8;

/** What all uniform pages share; never written. */
const CLEAR = new Uint32Array(PAGE_WORDS);
const SET = new Uint32Array(PAGE_WORDS).fill(0xffffffff);

const popCount = (word: number): number => {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};

/** The bits before the page's bit `end` of the word that holds the one before it. */
const lowBits = (end: number): number => -1 >>> -end;

/** The first bit at or after `from` that is set, or clear where `flip` is -1 instead of 0; -1: there is none. */
const findBit = (words: Uint32Array, from: number, flip: 0 | -1): number => {
  let word = ((words[from >>> 5] ?? 0) ^ flip) & (-1 << from);
  for (let index = from >>> 5; ; word = (words[index] ?? 0) ^ flip) {
    if (word !== 0) return index * 32 + (31 - Math.clz32(word & -word));
    if (++index === PAGE_WORDS) return -1;
  }
};

/**
 * One bit per block, in pages: a page of equal bits takes no memory of its own and is passed over in one step, so
 * that a bitmap costs what is mixed in it and not the size of its disk. Counts its bits as they change. For one
 * thread: no operation waits. `set` and `clear` of a few blocks allocate nothing but the page that they make mixed:
 * they are in the path of every write. Block numbers have 32 bits.
 */
export class BlockBitmap {
  readonly blocks: number;
  /** Number of bits set in each page. */
  #counts: Int32Array;
  /** The last page's words may say anything beyond the last block. */
  #pages: Uint32Array[];
  #count = 0;
  readonly #spare: Uint32Array[] = [];

  constructor(blocks: number) {
    this.blocks = blocks;
    const pages = Math.ceil(blocks / PAGE_BLOCKS);
    this.#counts = new Int32Array(pages);
    this.#pages = new Array<Uint32Array>(pages).fill(CLEAR);
  }

  /** With all bits set. */
  static full(blocks: number): BlockBitmap {
    const full = new BlockBitmap(blocks);
    full.#count = blocks;
    // Page by page it would hold the guest of a very large disk for milliseconds.
    full.#pages.fill(SET);
    full.#counts.fill(PAGE_BLOCKS);
    const last = full.#pages.length - 1;
    if (last >= 0) full.#counts[last] = full.#sizeOf(last);
    return full;
  }

  /** Number of bits set. */
  get count(): number {
    return this.#count;
  }

  has(block: number): boolean {
    const page = this.#pages[block >>> PAGE_BITS] ?? CLEAR;
    return (((page[(block & (PAGE_BLOCKS - 1)) >>> 5] ?? 0) >>> (block & 31)) & 1) === 1;
  }

  /** Sets `count` bits from `first`; answers how many were clear. */
  set(first: number, count: number): number {
    const before = this.#count;
    const end = Math.min(first + count, this.blocks);
    for (let block = first; block < end; ) {
      const page = block >>> PAGE_BITS;
      const to = Math.min(PAGE_BLOCKS, end - page * PAGE_BLOCKS);
      this.#setIn(page, block & (PAGE_BLOCKS - 1), to);
      block = page * PAGE_BLOCKS + to;
    }
    return this.#count - before;
  }

  /** Clears `count` bits from `first`; answers how many were set. */
  clear(first: number, count: number): number {
    return this.#clear(first, count, undefined);
  }

  /** Clears those of the bits that `kept`, of equally many blocks, does not have set; answers how many were set. */
  clearExcept(first: number, count: number, kept: BlockBitmap): number {
    return this.#clear(first, count, kept.#pages);
  }

  /** The first set bit at or after `from`. */
  next(from: number): number | undefined {
    if (this.#count === 0 || from >= this.blocks) return undefined;
    let page = from >>> PAGE_BITS;
    let found = this.#counts[page] === 0 ? -1 : findBit(this.#wordsOf(page), from & (PAGE_BLOCKS - 1), 0);
    while (found < 0) {
      do page++;
      while (this.#counts[page] === 0);
      if (page >= this.#pages.length) return undefined;
      found = findBit(this.#wordsOf(page), 0, 0);
    }
    const block = page * PAGE_BLOCKS + found;
    return block < this.blocks ? block : undefined;
  }

  /** The first run of set bits at or after `from`, cut at `limit` blocks. */
  nextRun(from: number, limit: number): Run | undefined {
    const first = this.next(from);
    if (first === undefined) return undefined;
    const end = Math.min(first + limit, this.blocks);
    return { first, count: this.#nextClear(first, end) - first };
  }

  /** Takes all bits out into a bitmap of their own, leaving this one clear. Costs the same whatever is set. */
  take(): BlockBitmap {
    const taken = new BlockBitmap(this.blocks);
    const [counts, pages] = [taken.#counts, taken.#pages];
    taken.#counts = this.#counts;
    taken.#pages = this.#pages;
    taken.#count = this.#count;
    this.#counts = counts;
    this.#pages = pages;
    this.#count = 0;
    return taken;
  }

  /** The first clear bit at or after `from`, or `end`. */
  #nextClear(from: number, end: number): number {
    for (let block = from; block < end; ) {
      const page = block >>> PAGE_BITS;
      if (this.#counts[page] !== this.#sizeOf(page)) {
        const found = findBit(this.#wordsOf(page), block & (PAGE_BLOCKS - 1), -1);
        if (found >= 0) return Math.min(page * PAGE_BLOCKS + found, end);
      }
      block = (page + 1) * PAGE_BLOCKS;
    }
    return end;
  }

  #setIn(page: number, from: number, to: number): void {
    const had = this.#counts[page] ?? 0;
    const size = this.#sizeOf(page);
    if (had === size) return;
    let changed = size - had;
    if (to - from < size) {
      const words = had === 0 ? this.#mix(page, 0) : this.#wordsOf(page);
      changed = 0;
      const last = (to - 1) >>> 5;
      for (let index = from >>> 5, bits = -1 << from; index <= last; index++, bits = -1) {
        if (index === last) bits &= lowBits(to);
        const old = words[index] ?? 0;
        words[index] = old | bits;
        changed += popCount(bits & ~old);
      }
    }
    this.#count += changed;
    this.#counts[page] = had + changed;
    if (had + changed === size) this.#unmix(page, SET);
  }

  #clear(first: number, count: number, kept: readonly Uint32Array[] | undefined): number {
    const before = this.#count;
    const end = Math.min(first + count, this.blocks);
    for (let block = first; block < end; ) {
      const page = block >>> PAGE_BITS;
      const to = Math.min(PAGE_BLOCKS, end - page * PAGE_BLOCKS);
      this.#clearIn(page, block & (PAGE_BLOCKS - 1), to, kept === undefined ? CLEAR : (kept[page] ?? CLEAR));
      block = page * PAGE_BLOCKS + to;
    }
    return before - this.#count;
  }

  #clearIn(page: number, from: number, to: number, kept: Uint32Array): void {
    const had = this.#counts[page] ?? 0;
    if (had === 0 || kept === SET) return;
    const size = this.#sizeOf(page);
    let changed = had;
    if (to - from < size || kept !== CLEAR) {
      const words = had === size ? this.#mix(page, 0xffffffff) : this.#wordsOf(page);
      changed = 0;
      const last = (to - 1) >>> 5;
      for (let index = from >>> 5, bits = -1 << from; index <= last; index++, bits = -1) {
        if (index === last) bits &= lowBits(to);
        const old = words[index] ?? 0;
        const gone = old & bits & ~(kept[index] ?? 0);
        words[index] = old & ~gone;
        changed += popCount(gone);
      }
    }
    this.#count -= changed;
    this.#counts[page] = had - changed;
    if (had === changed) this.#unmix(page, CLEAR);
    else if (had - changed === size) this.#unmix(page, SET);
  }

  #wordsOf(page: number): Uint32Array {
    return this.#pages[page] ?? CLEAR;
  }

  /** The last page may be short. */
  #sizeOf(page: number): number {
    return Math.min(PAGE_BLOCKS, this.blocks - page * PAGE_BLOCKS);
  }

  /** Gives a uniform page words of its own. */
  #mix(page: number, word: number): Uint32Array {
    const words = (this.#spare.pop() ?? new Uint32Array(PAGE_WORDS)).fill(word);
    this.#pages[page] = words;
    return words;
  }

  #unmix(page: number, uniform: Uint32Array): void {
    const words = this.#wordsOf(page);
    this.#pages[page] = uniform;
    if (words !== CLEAR && words !== SET && this.#spare.length < SPARE_PAGES) this.#spare.push(words);
  }
}
