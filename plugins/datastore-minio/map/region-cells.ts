const REGION_BITS = 11;
/** Blocks of a region: 8 MiB of the disk, mapped apart from all others. */
export const REGION_BLOCKS = 1 << REGION_BITS;

export const regionOf = (block: number): number => block >>> REGION_BITS;
export const blockInRegion = (block: number): number => block & (REGION_BLOCKS - 1);

/** What `runAt` answers with, so that no answer is allocated. */
export interface Run {
  count: number;
  /** `NOWHERE`: zeroes. */
  segment: number;
  position: number;
}

/** Where the blocks of one region lie, numbered from its first. */
export interface Cells {
  /** Runs that it takes to say so; holes are none. */
  readonly runs: number;
  /** The run, or hole, from `block` on, ending before `end` at the latest. */
  runAt(block: number, end: number, into: Run): void;
  /** Maps the blocks to a row of cells, or to zeroes where the segment is `NOWHERE`. */
  set(first: number, count: number, segment: number, position: number): void;
  /** The same, for the caller to free. */
  clone(): Cells;
  /** Gives its memory back; it isn't used after. */
  free(): void;
}
