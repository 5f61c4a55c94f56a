import type { Region } from "./region.ts";
import type { Regions } from "./regions.ts";
import type { SegmentUse } from "./segment-table.ts";

/**
 * A map as it was when it was held, while the map itself goes on: of what changes, only regions that have not been
 * taken yet are copied, just before they change. Its regions are taken once, in order. Held until it is disposed of.
 */
export class HeldMap implements Disposable {
  readonly segments: Iterable<SegmentUse>;
  readonly #regions: Regions;
  readonly #end: number;
  readonly #release: () => void;
  readonly #kept = new Map<number, Region | undefined>();
  #copy: Region | undefined;
  #taken = 0;

  constructor(regions: Regions, segments: Iterable<SegmentUse>, release: () => void) {
    this.segments = segments;
    this.#regions = regions;
    this.#end = regions.end;
    this.#release = release;
  }

  /** The next region that maps anything, to be read before anything changes; undefined: that was all. */
  take(): { readonly number: number; readonly region: Region } | undefined {
    this.#copy?.free();
    this.#copy = undefined;
    for (;;) {
      const number = this.#regions.next(this.#taken, this.#end);
      if (number === this.#end) return undefined;
      this.#taken = number + 1;
      this.#copy = this.#kept.get(number);
      const region = this.#kept.delete(number) ? this.#copy : this.#regions.get(number);
      if (region !== undefined) return { number, region };
    }
  }

  /** Of the map: the region is about to change. */
  keep(number: number, region: Region | undefined): void {
    if (number < this.#taken || number >= this.#end || this.#kept.has(number)) return;
    this.#kept.set(number, region?.clone());
  }

  [Symbol.dispose](): void {
    this.#copy?.free();
    this.#copy = undefined;
    for (const region of this.#kept.values()) region?.free();
    this.#kept.clear();
    this.#taken = this.#end;
    this.#release();
  }
}
