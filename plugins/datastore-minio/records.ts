import { BLOCK_SECTORS, cellBytes as bytesOfCell, CELL_BYTES, type Place } from "./cell.ts";
import { MOST_BLOCKS } from "./extent-map.ts";
import { RECORD_WORDS } from "./segment-index.ts";

/**
 * What a record of a segment tells, in six words: kind, first sector and sectors (one byte each), then blocks, first
 * block, position of the first cell, and for what collection has moved the segment and position that it comes from.
 */
const RUN = 1;
const FRAGMENT = 2;
const HOLE = 3;

/** The records of a segment that is being filled. */
export class Records {
  #words = new Uint32Array(RECORD_WORDS * 64);
  #length = 0;

  get count(): number {
    return this.#length / RECORD_WORDS;
  }

  get words(): Uint32Array {
    return this.#words.subarray(0, this.#length);
  }

  run(block: number, count: number, position: number, from?: Place): void {
    this.#add(RUN, count, block, position, from);
  }

  fragment(block: number, firstSector: number, sectors: number, position: number, from?: Place): void {
    this.#add(FRAGMENT | (firstSector << 8) | (sectors << 16), 1, block, position, from);
  }

  hole(block: number, count: number): void {
    this.#add(HOLE, count, block, 0);
  }

  #add(head: number, count: number, block: number, position: number, from?: Place): void {
    if (this.#length === this.#words.length) {
      const words = new Uint32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    const words = this.#words;
    let at = this.#length;
    words[at++] = head;
    words[at++] = count;
    words[at++] = block;
    words[at++] = position;
    words[at++] = from?.segment ?? 0;
    words[at++] = from?.position ?? 0;
    this.#length = at;
  }
}

/** Told of each record in the order in which they were made. `from` says where collection took it from. */
export interface RecordVisitor {
  run(block: number, count: number, position: number, from: Place | undefined): void;
  fragment(
    block: number,
    firstSector: number,
    sectors: number,
    position: number,
    from: Place | undefined,
  ): void;
  hole(block: number, count: number): void;
}

/** False where a record says what can't be: cells beyond the segment's, no blocks, sectors that a block hasn't. */
export const visitRecords = (words: Uint32Array, cellBytes: number, visitor: RecordVisitor): boolean => {
  for (let at = 0; at < words.length; at += RECORD_WORDS) {
    const [head = 0, count = 0, block = 0, position = 0, segment = 0, fromPosition = 0] = words.subarray(
      at,
      at + RECORD_WORDS,
    );
    const kind = head & 0xff;
    const from = segment === 0 ? undefined : { segment, position: fromPosition };
    if (count === 0 || block + count > MOST_BLOCKS) return false;
    if (kind === HOLE) visitor.hole(block, count);
    else if (kind === RUN) {
      if (position + count * CELL_BYTES > cellBytes) return false;
      visitor.run(block, count, position, from);
    } else if (kind === FRAGMENT) {
      const firstSector = (head >>> 8) & 0xff;
      const sectors = (head >>> 16) & 0xff;
      if (sectors === 0 || firstSector + sectors > BLOCK_SECTORS) return false;
      if (position + bytesOfCell(sectors) > cellBytes) return false;
      visitor.fragment(block, firstSector, sectors, position, from);
    } else return false;
  }
  return true;
};
