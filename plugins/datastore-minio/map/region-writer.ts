import { NOWHERE } from "../cell.ts";
import type { PartWriter } from "./part-writer.ts";
import type { Region } from "./region.ts";
import { REGION_BLOCKS, type Run } from "./region-cells.ts";

/**
 * A region as it is written, in `number`s unless it says otherwise: how many regions were passed over since the last
 * one of the part, how many runs and how many pieces it has; then these.
 *
 * A run: a byte of flags; with GAP how many blocks were passed over since the run before; with a count of 0 in the
 * flags its blocks; without SAME_SEGMENT its segment; its position, in three bytes or with LONG_POSITION in four.
 *
 * A piece: how many blocks were passed over since the piece before; a byte of flags; segment and position as of a run.
 *
 * A segment is the difference to the one written before it, as a signed number of 32 bits whose sign is its lowest bit.
 */
export const LONG_POSITION = 1;
export const SAME_SEGMENT = 2;
export const GAP = 4;
/** Of a run: its blocks, where they fit. */
export const COUNT_SHIFT = 3;
const MOST_FLAGGED_BLOCKS = 31;
/** Of a piece: its first sector and its sectors, three bits each. */
export const FIRST_SECTOR_SHIFT = 2;
export const SECTORS_SHIFT = 5;
const SHORT_POSITIONS = 1 << 24;

/** Writes regions, each after those with lower numbers. */
export class RegionWriter {
  readonly #to: PartWriter;
  readonly #run: Run = { count: 0, segment: NOWHERE, position: 0 };
  #next = 0;
  #segment = 0;

  constructor(to: PartWriter) {
    this.#to = to;
  }

  write(number: number, region: Region): void {
    this.#to.number(number - this.#next);
    this.#next = number + 1;
    this.#to.number(region.runs);
    this.#to.number(region.fragments?.count ?? 0);
    this.#writeRuns(region);
    this.#writeFragments(region);
  }

  #writeRuns(region: Region): void {
    const run = this.#run;
    let gap = 0;
    for (let block = 0; block < REGION_BLOCKS; block += run.count) {
      region.runAt(block, REGION_BLOCKS, run);
      if (run.segment === NOWHERE) {
        gap += run.count;
        continue;
      }
      const flagged = run.count <= MOST_FLAGGED_BLOCKS ? run.count : 0;
      this.#to.byte((flagged << COUNT_SHIFT) | (gap > 0 ? GAP : 0) | this.#placeFlags(run));
      if (gap > 0) this.#to.number(gap);
      if (flagged === 0) this.#to.number(run.count);
      this.#writePlace(run);
      gap = 0;
    }
  }

  #writeFragments(region: Region): void {
    let last = 0;
    for (const piece of region.fragments?.of(0, REGION_BLOCKS) ?? []) {
      this.#to.number(piece.block - last);
      last = piece.block;
      const sectors = (piece.sectors << SECTORS_SHIFT) | (piece.firstSector << FIRST_SECTOR_SHIFT);
      this.#to.byte(sectors | this.#placeFlags(piece));
      this.#writePlace(piece);
    }
  }

  #placeFlags({ segment, position }: { readonly segment: number; readonly position: number }): number {
    return (segment === this.#segment ? SAME_SEGMENT : 0) | (position < SHORT_POSITIONS ? 0 : LONG_POSITION);
  }

  #writePlace({ segment, position }: { readonly segment: number; readonly position: number }): void {
    const difference = (segment - this.#segment) | 0;
    if (difference !== 0) this.#to.number(((difference << 1) ^ (difference >> 31)) >>> 0);
    this.#segment = segment;
    this.#to.fixed(position, position < SHORT_POSITIONS ? 3 : 4);
  }
}
