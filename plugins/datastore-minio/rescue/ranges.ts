import { MAX_RANGES } from "pagurus";
import { BLOCK_BYTES, SECTOR_BYTES } from "../cell.ts";

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Parts of a disk, in any order; told merged. */
export class Ranges {
  readonly #pieces: { offset: number; end: number }[] = [];

  addBlocks(block: number, count: number): void {
    this.#add(block * BLOCK_BYTES, (block + count) * BLOCK_BYTES);
  }

  addSectors(block: number, firstSector: number, sectors: number): void {
    const offset = block * BLOCK_BYTES + firstSector * SECTOR_BYTES;
    this.#add(offset, offset + sectors * SECTOR_BYTES);
  }

  /** Those before the disk's end: the first ones, and how many bytes all of them have. */
  told(sizeBytes: number): { readonly ranges: ByteRange[]; readonly bytes: number } {
    const merged: { offset: number; end: number }[] = [];
    for (const { offset, end } of this.#pieces.sort((a, b) => a.offset - b.offset)) {
      const last = merged.at(-1);
      if (last !== undefined && offset <= last.end) last.end = Math.max(last.end, end);
      else if (offset < sizeBytes) merged.push({ offset, end });
    }
    const ranges = merged.map(({ offset, end }) => ({ offset, length: Math.min(end, sizeBytes) - offset }));
    return {
      ranges: ranges.slice(0, MAX_RANGES),
      bytes: ranges.reduce((sum, { length }) => sum + length, 0),
    };
  }

  #add(offset: number, end: number): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && offset >= last.offset && offset <= last.end) last.end = Math.max(last.end, end);
    else this.#pieces.push({ offset, end });
  }
}
