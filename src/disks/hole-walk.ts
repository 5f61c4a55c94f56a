import type { Extent } from "../contract/index.ts";
import { BLOCK_BYTES, type Run } from "./blocks.ts";
import type { PieceOptions } from "./piece-copier.ts";
import type { Sides } from "./sides.ts";
import { bytesOf, type Tracker } from "./tracker.ts";

/** The first question and the largest, in blocks (1 MiB, 1 GiB): as long as all is hole each is twice the one before. */
export const FIRST_BLOCKS = 256;
const MOST_BLOCKS = 256 * 1024;
/** Small holes between data are read: asking for the next extent costs as much as reading so many blocks. */
const LEAST_DATA_BLOCKS = 16;

/** What lies at a block: so many blocks of hole, or else so many that are to be read. */
export interface Ahead {
  readonly holes: number;
  readonly data: number;
}

/**
 * Passes over holes without reading them, where source and target both call a hole only what reads as zeroes. Their
 * word is evidence of its own: it is asked for after the marks were cleared and a sweep's cursor was moved past all
 * that is asked for, and holds for the blocks that the guest left alone since.
 */
export class HoleWalk {
  readonly #sides: Sides;
  readonly #tracker: Tracker;
  readonly #sizeBytes: number;
  #step = FIRST_BLOCKS;

  constructor(sides: Sides, tracker: Tracker, sizeBytes: number) {
    this.#sides = sides;
    this.#tracker = tracker;
    this.#sizeBytes = sizeBytes;
  }

  /** What begins at the first of the run's blocks; holes are done with, data is still to be copied. */
  async look(within: Run, options: PieceOptions): Promise<Ahead> {
    const run = { first: within.first, count: Math.min(within.count, this.#step) };
    const { offset, length } = bytesOf(run, this.#sizeBytes);
    this.#tracker.begin(run);
    const source = await leading(this.#sides.sourceExtents(offset, length));
    const hole = source.zero ? this.#wholeBlocks(offset, source.bytes) : 0;
    if (hole === 0) return this.#data(within, source.bytes);
    const bytes = bytesOf({ first: run.first, count: hole }, this.#sizeBytes).length;
    if (!options.fresh) await this.#sides.zeroTarget(offset, bytes);
    const target = await leading(this.#sides.targetExtents(offset, bytes));
    const holes = target.zero ? this.#wholeBlocks(offset, target.bytes) : 0;
    if (holes === 0) return this.#data({ first: run.first, count: hole }, target.bytes);
    if (holes === run.count) this.#step = Math.min(2 * this.#step, MOST_BLOCKS);
    this.#tracker.vouchHoles({ first: run.first, count: holes });
    options.copied(bytesOf({ first: run.first, count: holes }, this.#sizeBytes).length, true);
    return { holes, data: 0 };
  }

  #data(within: Run, bytes: number): Ahead {
    this.#step = FIRST_BLOCKS;
    const blocks = Math.max(LEAST_DATA_BLOCKS, Math.ceil(bytes / BLOCK_BYTES));
    return { holes: 0, data: Math.min(within.count, blocks) };
  }

  /** The disk's last block may be short. */
  #wholeBlocks(offset: number, bytes: number): number {
    const atEnd = offset + bytes === this.#sizeBytes;
    return atEnd ? Math.ceil(bytes / BLOCK_BYTES) : Math.floor(bytes / BLOCK_BYTES);
  }
}

/** How far what comes first goes on, and whether it is zero. */
async function leading(extents: AsyncIterable<Extent>): Promise<{ zero: boolean; bytes: number }> {
  let found: { zero: boolean; bytes: number } | undefined;
  for await (const { kind, length } of extents) {
    const zero = kind === "zero";
    if (found === undefined) found = { zero, bytes: length };
    else if (found.zero === zero) found.bytes += length;
    else break;
  }
  return found ?? { zero: false, bytes: 0 };
}
