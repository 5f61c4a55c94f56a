import type { Region } from "./region.ts";

const CHAPTER_BITS = 10;
const CHAPTER_REGIONS = 1 << CHAPTER_BITS;

/** Regions by their number, in chapters: a disk of 16 TiB has two million, most of which nothing was written to. */
export class Regions {
  readonly #chapters: ((Region | undefined)[] | undefined)[] = [];

  /** All numbers that were ever set are below. */
  get end(): number {
    return this.#chapters.length * CHAPTER_REGIONS;
  }

  get(region: number): Region | undefined {
    return this.#chapters[region >>> CHAPTER_BITS]?.[region & (CHAPTER_REGIONS - 1)];
  }

  set(region: number, to: Region | undefined): void {
    let chapter = this.#chapters[region >>> CHAPTER_BITS];
    if (chapter === undefined) {
      chapter = new Array<Region | undefined>(CHAPTER_REGIONS).fill(undefined);
      this.#chapters[region >>> CHAPTER_BITS] = chapter;
    }
    chapter[region & (CHAPTER_REGIONS - 1)] = to;
  }

  /** The first number at or after `region`, before `end`, that may have been set; `end` where there is none. */
  next(region: number, end: number): number {
    let at = region;
    while (at < end && this.#chapters[at >>> CHAPTER_BITS] === undefined)
      at = ((at >>> CHAPTER_BITS) + 1) * CHAPTER_REGIONS;
    return Math.min(at, end);
  }
}
