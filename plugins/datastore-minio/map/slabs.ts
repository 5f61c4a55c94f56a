/** 16 KiB: a region that is kept block by block takes one whole. */
export const SLAB_WORDS = 4096;
/** Into how many slots a slab may be divided. The larger ones, of which much is in use, differ by little. */
const DIVISIONS = [
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 25, 32, 42, 51, 64, 85, 102, 128, 170,
] as const;
/** Free slabs that are kept for the next who asks. */
const SPARE_SLABS = 16;
const NONE = 0xffffffff;

/** Words for one owner, from `base` on. */
export interface Slot {
  readonly words: Uint32Array;
  readonly base: number;
  readonly size: number;
  /** Of which it is a part; undefined: it is an array of its own. */
  readonly slab?: Slab;
}

interface Slab {
  readonly words: Uint32Array;
  /** Those divided alike that have room; it is among them at `place`, or at none while it is full. */
  readonly roomy: Slab[];
  readonly slotWords: number;
  place: number;
  used: number;
  /** The first slot that was given back; the first word of each names the next. */
  free: number;
  /** What lies from here on was never taken. */
  fresh: number;
}

/**
 * Memory for many small arrays that grow and shrink all the time. What is given back is there at once for the next:
 * left to the garbage collector, the arrays that growing leaves behind would take more memory than those in use.
 */
export class Slabs {
  readonly #sizes = DIVISIONS.map((slots) => ({
    slotWords: Math.floor(SLAB_WORDS / slots),
    roomy: [] as Slab[],
  })).reverse();
  readonly #spare: Uint32Array[] = [];
  #bytes = 0;

  /** Taken from the machine, in use or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** At least so many words, which may say anything. */
  take(words: number): Slot {
    const size = this.#sizes.find(({ slotWords }) => slotWords >= words);
    if (size === undefined) return { words: this.takeArray(words), base: 0, size: words };
    const slab = size.roomy.at(-1) ?? this.#open(size);
    let base = slab.free;
    if (base === NONE) {
      base = slab.fresh;
      slab.fresh += slab.slotWords;
    } else slab.free = slab.words[base] ?? NONE;
    slab.used++;
    if (slab.free === NONE && slab.fresh + slab.slotWords > SLAB_WORDS) close(slab);
    return { words: slab.words, base, size: slab.slotWords, slab };
  }

  /** Nobody uses the words any more. */
  give({ words, base, slab }: Slot): void {
    if (slab !== undefined) {
      if (slab.place < 0) slab.place = slab.roomy.push(slab) - 1;
      words[base] = slab.free;
      slab.free = base;
      slab.used--;
      if (slab.used > 0) return;
      close(slab);
    }
    this.giveArray(words);
  }

  takeArray(words: number): Uint32Array {
    const spare = words === SLAB_WORDS ? this.#spare.pop() : undefined;
    if (spare === undefined) this.#bytes += words * 4;
    return spare ?? new Uint32Array(words);
  }

  giveArray(words: Uint32Array): void {
    if (words.length === SLAB_WORDS && this.#spare.length < SPARE_SLABS) this.#spare.push(words);
    else this.#bytes -= words.byteLength;
  }

  #open({ slotWords, roomy }: { readonly slotWords: number; readonly roomy: Slab[] }): Slab {
    const words = this.takeArray(SLAB_WORDS);
    const slab: Slab = { words, roomy, slotWords, place: roomy.length, used: 0, free: NONE, fresh: 0 };
    roomy.push(slab);
    return slab;
  }
}

/** Takes it from among those that have room. */
const close = (slab: Slab): void => {
  const last = slab.roomy.pop();
  if (last !== undefined && last !== slab) {
    slab.roomy[slab.place] = last;
    last.place = slab.place;
  }
  slab.place = -1;
};
