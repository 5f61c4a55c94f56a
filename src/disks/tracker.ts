import { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES, blockCount, blockOf, type Run } from "./blocks.ts";
import type { HeatFilter } from "./heat-filter.ts";

/** Where a write goes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Watches the guest's writes of one disk while it moves. Two independent accounts, so that losing a mark of the one
 * can't go unnoticed by the other:
 *
 * - `dirty`: what must be copied (again). Set after a write has reached the layer and before the guest is
 *   answered; cleared by the copier before it asks for a block's extents or reads it. A write ahead of a sweep's
 *   cursor needs no mark: the sweep is yet to ask and to read there. Which it is, is decided when the write has ended.
 * - `unproven`, with `touched` beside it: what is not known to be equal at the target. A write sets both when it
 *   arrives and again when it has ended; the copier clears `touched` before the source is read, and `unproven` only
 *   for blocks still untouched when their read-back was compared, or both stores' word for a hole was heard. No
 *   cursor is asked here.
 *
 * What is told of each write allocates nothing, but for the first of many blocks.
 */
export class Tracker {
  readonly dirty: BlockBitmap;
  readonly unproven: BlockBitmap;
  readonly blocks: number;
  readonly #touched: BlockBitmap;
  /** Vouched for by the stores' word alone, unless they are unproven again. */
  readonly #holes: BlockBitmap;
  readonly #heat: HeatFilter | undefined;
  #underWay: Iterable<ByteRange> = [];
  /** What is being copied, in ascending order, and how far that has begun. */
  #copying: BlockBitmap | undefined;
  #begun = 0;
  #cursor: number;

  /** `heat` is told of each write too. */
  constructor(sizeBytes: number, heat?: HeatFilter) {
    this.#heat = heat;
    this.blocks = blockCount(sizeBytes);
    this.dirty = new BlockBitmap(this.blocks);
    this.unproven = BlockBitmap.full(this.blocks);
    this.#touched = new BlockBitmap(this.blocks);
    this.#holes = new BlockBitmap(this.blocks);
    this.#cursor = this.blocks;
  }

  /** The first block that the sweep under way has not asked for; without one, all are behind it. */
  get cursor(): number {
    return this.#cursor;
  }

  /** How many blocks the stores' word alone vouches for; once all that is unproven was compared. */
  get holeBlocks(): number {
    return this.#holes.count;
  }

  /** A copy of every block begins, in ascending order: `begin` moves its cursor. */
  sweep(): void {
    this.#cursor = 0;
  }

  /** Nothing more comes of a sweep: what it has not begun is still to be copied. */
  endSweep(): void {
    const from = this.#cursor;
    this.#cursor = this.blocks;
    this.mark(from, this.blocks - from);
  }

  /** A copy of these blocks begins, in ascending order; without any it is over. */
  copies(blocks: BlockBitmap | undefined): void {
    this.#copying = blocks;
    this.#begun = 0;
  }

  /** The next blocks, at most `limit`, that are still to be copied: marked, or of a copy and not begun by it. */
  toCopy(from: number, limit: number): Run | undefined {
    const marked = this.dirty.nextRun(from, limit);
    const left = this.#copying?.nextRun(Math.max(from, this.#begun), limit);
    if (marked === undefined || left === undefined) return marked ?? left;
    return marked.first <= left.first ? marked : left;
  }

  /** Writes that did not complete at once, as long as they are under way. */
  watch(underWay: Iterable<ByteRange>): void {
    this.#underWay = underWay;
  }

  /** A write, zero or discard is about to reach the layer. */
  arrived(offset: number, length: number): void {
    const first = blockOf(offset);
    this.touch(first, lastBlockOf(offset, length) - first + 1);
  }

  /** It has ended, well or badly: what a failed write left behind is unknown, so it must be copied too. */
  ended(offset: number, length: number): void {
    const first = blockOf(offset);
    const count = lastBlockOf(offset, length) - first + 1;
    this.touch(first, count);
    this.#heat?.written(first, count);
    const behind = Math.min(count, this.#cursor - first);
    if (behind > 0) this.mark(first, behind);
  }

  /** The witness's half of a write. */
  touch(first: number, count: number): void {
    this.#touched.set(first, count);
    this.unproven.set(first, count);
  }

  /** The copier's half of a write. */
  mark(first: number, count: number): void {
    this.dirty.set(first, count);
  }

  /**
   * The copier is about to ask for the run's extents and to read it: a sweep's cursor is past it from now on. A write
   * under way may land between the two, and end only after the comparison: its blocks count as touched all the time.
   */
  begin({ first, count }: Run): void {
    if (this.#cursor < first + count) this.#cursor = first + count;
    if (this.#begun < first + count) this.#begun = first + count;
    this.dirty.clear(first, count);
    this.#touched.clear(first, count);
    for (const { offset, length } of this.#underWay) {
      const from = Math.max(first, blockOf(offset));
      const to = Math.min(first + count, lastBlockOf(offset, length) + 1);
      if (from < to) this.#touched.set(from, to - from);
    }
  }

  /** Whether the guest has written the block since `begin`. */
  touchedSince(block: number): boolean {
    return this.#touched.has(block);
  }

  /** The run was read back and is equal: vouches for the blocks that the guest left alone meanwhile. */
  vouch({ first, count }: Run): void {
    this.#holes.clear(first, count);
    this.unproven.clearExcept(first, count, this.#touched);
  }

  /** Both stores, whose word can be taken, call the run a hole since it was begun: as `vouch`, without a read. */
  vouchHoles({ first, count }: Run): void {
    this.#holes.set(first, count);
    this.unproven.clearExcept(first, count, this.#touched);
  }

  /** The run was not copied after all. */
  failed({ first, count }: Run): void {
    this.dirty.set(first, count);
  }
}

export const lastBlockOf = (offset: number, length: number): number => blockOf(offset + length - 1);

/** The bytes of a run on a disk of `sizeBytes`; the last block may be short. */
export const bytesOf = ({ first, count }: Run, sizeBytes: number): { offset: number; length: number } => {
  const offset = first * BLOCK_BYTES;
  return { offset, length: Math.min(count * BLOCK_BYTES, sizeBytes - offset) };
};
