import { alignedBuffer } from "../contract/index.ts";
import { BLOCK_BYTES, type Run } from "./blocks.ts";

/**
 * Bytes that one copy moves at most: what was read is still in the processor's cache when it is written, and what
 * was written when it is read back.
 */
export const COPY_BYTES = 256 * 1024;
/** Zeroes are looked for in pieces of this size, so that a few zeroes among data don't cost a call each. */
const ZERO_PIECE_BYTES = 64 * 1024;

const zeroes = Buffer.alloc(ZERO_PIECE_BYTES);

/** Bytes of a disk, from one offset up to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A stretch of what was read, up to `to`: to be written as it is, or to be zero. */
export interface Stretch {
  readonly to: number;
  readonly zero: boolean;
}

/** One copy under way: its run of blocks, what was read from the source and what was read back from the target. */
export class CopySlot implements Run {
  first = 0;
  count = 0;
  /** In bytes, of the disk. The last block may be short. */
  offset = 0;
  length = 0;
  readonly #source: Buffer;
  readonly #readBack: Buffer;
  #sourceView: Uint8Array;
  #readBackView: Uint8Array;

  constructor() {
    const { buffer } = alignedBuffer(2 * COPY_BYTES);
    this.#source = Buffer.from(buffer, 0, COPY_BYTES);
    this.#readBack = Buffer.from(buffer, COPY_BYTES, COPY_BYTES);
    this.#sourceView = this.#source;
    this.#readBackView = this.#readBack;
  }

  /** As long as the run. */
  get source(): Uint8Array {
    return this.#sourceView;
  }

  get readBack(): Uint8Array {
    return this.#readBackView;
  }

  aim(first: number, count: number, sizeBytes: number): void {
    this.first = first;
    this.count = count;
    this.offset = first * BLOCK_BYTES;
    this.length = Math.min(count * BLOCK_BYTES, sizeBytes - this.offset);
    // Runs of one length follow each other: making views costs as much as comparing a block.
    if (this.#sourceView.length === this.length) return;
    this.#sourceView = this.#source.subarray(0, this.length);
    this.#readBackView = this.#readBack.subarray(0, this.length);
  }

  /** What begins at byte `from` of the run. Zero: inside one of the disk's `holes`, or found to be zero. */
  stretch(from: number, holes: readonly Span[]): Stretch {
    let { to, zero } = this.#piece(from, holes);
    while (to < this.length) {
      const next = this.#piece(to, holes);
      if (next.zero !== zero) break;
      to = next.to;
    }
    return { to, zero };
  }

  /** Whether what was read back is what was read. */
  get equal(): boolean {
    return this.#differ(0, this.length) === 0;
  }

  /** As `differsAt`, of all blocks of the run. */
  get difference(): number {
    let at = -1;
    for (let block = this.first; at < 0 && block < this.first + this.count; block++)
      at = this.differsAt(block);
    return at;
  }

  /** The first byte of the run's block that differs, as an offset of the disk; -1 where it is equal. */
  differsAt(block: number): number {
    const from = (block - this.first) * BLOCK_BYTES;
    const to = Math.min(from + BLOCK_BYTES, this.length);
    if (this.#differ(from, to) === 0) return -1;
    for (let at = from; at < to; at++) if (this.#source[at] !== this.#readBack[at]) return this.offset + at;
    return -1;
  }

  #differ(from: number, to: number): number {
    return this.#source.compare(this.#readBack, from, to, from, to);
  }

  #piece(from: number, holes: readonly Span[]): Stretch {
    const at = this.offset + from;
    const hole = holes.find(({ to }) => to > at);
    if (hole !== undefined && hole.from <= at)
      return { to: Math.min(hole.to - this.offset, this.length), zero: true };
    const edge = hole === undefined ? this.length : hole.from - this.offset;
    const to = Math.min(from + ZERO_PIECE_BYTES, edge, this.length);
    return this.#isZero(from, to) ? { to, zero: true } : this.#data(from, to);
  }

  /** Whole blocks of zeroes before or behind the data are not part of it. */
  #data(from: number, to: number): Stretch {
    let [first, end] = [from, to];
    while (first + BLOCK_BYTES < to && this.#isZero(first, first + BLOCK_BYTES)) first += BLOCK_BYTES;
    if (first > from) return { to: first, zero: true };
    while (end - BLOCK_BYTES > from && this.#isZero(end - BLOCK_BYTES, end)) end -= BLOCK_BYTES;
    return { to: end, zero: false };
  }

  /** Most data is told from zeroes by its first byte. */
  #isZero(from: number, to: number): boolean {
    return this.#source[from] === 0 && this.#source.compare(zeroes, 0, to - from, from, to) === 0;
  }
}

/** Slots for as many copies as may be in flight, made when first needed. */
export class CopySlots {
  readonly #free: CopySlot[] = [];

  take(): CopySlot {
    return this.#free.pop() ?? new CopySlot();
  }

  give(slot: CopySlot): void {
    this.#free.push(slot);
  }
}

/** Whether all of a few bytes are zero. */
export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
