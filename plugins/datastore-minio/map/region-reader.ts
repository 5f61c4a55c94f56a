import type { ExtentMap } from "../extent-map.ts";
import type { PartReader } from "./part-reader.ts";
import { REGION_BLOCKS } from "./region-cells.ts";
import {
  COUNT_SHIFT,
  FIRST_SECTOR_SHIFT,
  GAP,
  LONG_POSITION,
  SAME_SEGMENT,
  SECTORS_SHIFT,
} from "./region-writer.ts";

/** Puts regions, written by a `RegionWriter`, into a map. A RangeError where they tell what can't be. */
export class RegionReader {
  readonly #from: PartReader;
  readonly #map: ExtentMap;
  #next = 0;
  #segment = 0;

  constructor(from: PartReader, map: ExtentMap) {
    this.#from = from;
    this.#map = map;
  }

  readRegion(): void {
    const number = this.#next + this.#from.number();
    this.#next = number + 1;
    const runs = this.#from.number();
    const fragments = this.#from.number();
    this.#readRuns(number * REGION_BLOCKS, runs);
    this.#readFragments(number * REGION_BLOCKS, fragments);
  }

  #readRuns(first: number, runs: number): void {
    let block = first;
    for (let left = runs; left > 0; left--) {
      const flags = this.#from.byte();
      if ((flags & GAP) !== 0) block += this.#from.number();
      const count = flags >>> COUNT_SHIFT || this.#from.number();
      const segment = this.#readSegment(flags);
      this.#map.put(block, count, segment, this.#readPosition(flags));
      block += count;
    }
  }

  #readFragments(first: number, fragments: number): void {
    let block = first;
    for (let left = fragments; left > 0; left--) {
      block += this.#from.number();
      const flags = this.#from.byte();
      const firstSector = (flags >>> FIRST_SECTOR_SHIFT) & 7;
      const segment = this.#readSegment(flags);
      this.#map.putFragment(block, firstSector, flags >>> SECTORS_SHIFT, segment, this.#readPosition(flags));
    }
  }

  #readSegment(flags: number): number {
    if ((flags & SAME_SEGMENT) === 0) {
      const written = this.#from.number();
      this.#segment = (this.#segment + ((written >>> 1) ^ -(written & 1))) >>> 0;
    }
    return this.#segment;
  }

  #readPosition(flags: number): number {
    return this.#from.fixed((flags & LONG_POSITION) === 0 ? 3 : 4);
  }
}
