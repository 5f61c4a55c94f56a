/** The unit in which a log maps its disk. */
export const BLOCK_BYTES = 4096;
/** The unit in which a guest may write. */
export const SECTOR_BYTES = 512;
export const BLOCK_SECTORS = BLOCK_BYTES / SECTOR_BYTES;
/** What verifies a cell by itself follows its bytes. */
export const CHECK_BYTES = 4;
/** A whole block as it lies in an object: so far apart are the blocks of a run. */
export const CELL_BYTES = BLOCK_BYTES + CHECK_BYTES;

/** What a piece of a block takes in an object. */
export const cellBytes = (sectors: number): number => sectors * SECTOR_BYTES + CHECK_BYTES;

/** A segment number that no object has: numbers end before it. In a map it stands for zeroes. */
export const NOWHERE = 0xffffffff;

/** Where a cell lies: at that byte of that segment's object. */
export interface Place {
  readonly segment: number;
  readonly position: number;
}
