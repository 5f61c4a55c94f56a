import { BLOCK_SECTORS, CELL_BYTES, cellBytes, NOWHERE, type Place } from "./cell.ts";
import type { Fragment } from "./map/fragments.ts";
import { HeldMap } from "./map/held-map.ts";
import { REGION_BYTES, Region } from "./map/region.ts";
import { blockInRegion, REGION_BLOCKS, type Run, regionOf } from "./map/region-cells.ts";
import { Regions } from "./map/regions.ts";
import { SegmentTable, type SegmentUse } from "./map/segment-table.ts";
import { Slabs } from "./map/slabs.ts";

/** Of 16 TiB: their numbers take four bytes. */
export const MOST_BLOCKS = 2 ** 32;

/** What `visit` tells, from the first block to the last and without gaps. */
export interface ExtentVisitor {
  /** These blocks lie there, a cell behind the other. What lies behind it may be told as a run of its own. */
  run(block: number, count: number, segment: number, position: number): void;
  /** These blocks are zeroes. */
  hole(block: number, count: number): void;
  /** This lies over the block, which has been told, and over what was told of it before. */
  fragment(block: number, firstSector: number, sectors: number, segment: number, position: number): void;
}

/**
 * Where each block of a disk lies in the segments of its log, and how many bytes of each segment are in use for that.
 *
 * For one thread: nothing waits, and what was put is told at once. `put` and `remove` allocate nothing but room for
 * what they add. Memory (`bytes`) follows what is mapped, not the size of the disk: 12 to 18 bytes a run and 300 for
 * every 8 MiB that anything is mapped of, but never more than 2.1 MiB for a GiB, which is reached where hardly two
 * blocks lie together; 16 to 32 bytes for each segment; and 12 to 18 bytes for each piece of a block. Of these a block
 * has eight at most: 24 to 36 MiB for a GiB of which each sector was written alone, unless somebody looks at `fragments`.
 */
export class ExtentMap {
  readonly #segments = new SegmentTable();
  readonly #slabs = new Slabs();
  readonly #regions = new Regions();
  readonly #run: Run = { count: 0, segment: NOWHERE, position: 0 };
  #held: HeldMap | undefined;
  #mapped = 0;
  #fragments = 0;

  /** Memory taken. */
  get bytes(): number {
    return this.#mapped * REGION_BYTES + this.#slabs.bytes + this.#segments.bytes;
  }

  /** How many pieces lie over blocks: merging them into whole blocks makes reads, and the map, smaller. */
  get fragments(): number {
    return this.#fragments;
  }

  /** What the map has heard of each segment, in no order; as it is now, whatever becomes of it. */
  get segments(): IterableIterator<SegmentUse> {
    return this.#segments[Symbol.iterator]();
  }

  /** Says how much a segment holds; the map may point at it already. */
  add(segment: number, totalBytes: number): void {
    this.#segments.add(segment, totalBytes);
  }

  /** How many of the segment's bytes the map points at. */
  liveBytes(segment: number): number {
    return this.#segments.liveBytes(segment);
  }

  /** Forgets a segment that the map points at nowhere. */
  forget(segment: number): void {
    this.#segments.forget(segment);
  }

  /** Each block lies a cell behind the one before it, from `position` of the segment on. */
  put(block: number, count: number, segment: number, position: number): void {
    this.#check(block, count);
    this.#segments.gain(segment, count * CELL_BYTES);
    const end = block + count;
    for (let at = block; at < end; at = endOfRegion(at, end))
      this.#replace(at, endOfRegion(at, end), segment, position + (at - block) * CELL_BYTES);
  }

  /** The blocks read as zeroes. */
  remove(block: number, count: number): void {
    this.#check(block, count);
    const end = block + count;
    for (let at = this.#nextMapped(block, end); at < end; at = this.#nextMapped(endOfRegion(at, end), end))
      this.#replace(at, endOfRegion(at, end), NOWHERE, 0);
  }

  /** Whether any of the blocks was put, or a piece of it, and not removed. */
  holds(block: number, count: number): boolean {
    this.#check(block, count);
    const end = block + count;
    for (let at = this.#nextMapped(block, end); at < end; at = this.#nextMapped(endOfRegion(at, end), end))
      if (
        this.#regions
          .get(regionOf(at))
          ?.holds(blockInRegion(at), blockInRegion(at) + endOfRegion(at, end) - at)
      )
        return true;
    return false;
  }

  /** A piece smaller than a block, over all that the block has. */
  putFragment(block: number, firstSector: number, sectors: number, segment: number, position: number): void {
    this.#check(block, 1);
    if (sectors < 1 || sectors >= BLOCK_SECTORS || firstSector < 0 || firstSector + sectors > BLOCK_SECTORS)
      throw new RangeError(`sectors ${firstSector} to ${firstSector + sectors} are no piece of a block`);
    this.#segments.gain(segment, cellBytes(sectors));
    const region = this.#change(block);
    const first = blockInRegion(block);
    if (region.addFragment(first, { firstSector, sectors, segment, position }, this.#segments)) {
      this.#lose(region, first, first + 1);
      region.set(first, 1, NOWHERE, 0);
    }
    this.#changed(block, region);
  }

  /** Says that the blocks lie at `to`, one behind the other: those that lie at their place from `from` on still. */
  relocate(block: number, count: number, from: Place, to: Place): void {
    this.#check(block, count);
    for (let done = 0; done < count; ) {
      const { count: run, segment, position } = this.#at(block + done, block + count);
      const moved = done * CELL_BYTES;
      if (segment === from.segment && position === from.position + moved) {
        const region = this.#change(block + done);
        const first = blockInRegion(block + done);
        this.#segments.gain(to.segment, run * CELL_BYTES);
        this.#segments.lose(segment, run * CELL_BYTES);
        region.set(first, run, to.segment, to.position + moved);
        this.#changed(block + done, region);
      }
      done += run;
    }
  }

  /** Says that the block's piece of these sectors lies at `to`, if it lies at `from` still. */
  relocateFragment(block: number, firstSector: number, sectors: number, from: Place, to: Place): void {
    this.#check(block, 1);
    const first = blockInRegion(block);
    const fragment = { firstSector, sectors, ...from };
    if (!this.#regions.get(regionOf(block))?.fragments?.has(first, fragment)) return;
    const region = this.#change(block);
    region.fragments?.move(first, fragment, to);
    this.#changed(block, region);
  }

  /** Whether the block lies in the cell at that place. */
  pointsAt(block: number, { segment, position }: Place): boolean {
    this.#check(block, 1);
    const run = this.#at(block, block + 1);
    return run.segment === segment && run.position === position;
  }

  /** Whether the block has that piece. */
  hasFragment(block: number, fragment: Fragment): boolean {
    this.#check(block, 1);
    return this.#regions.get(regionOf(block))?.fragments?.has(blockInRegion(block), fragment) ?? false;
  }

  /** Tells where the blocks lie. The visitor doesn't change the map. */
  visit(block: number, count: number, visitor: ExtentVisitor): void {
    this.#check(block, count);
    const end = block + count;
    for (let at = block; at < end; ) {
      const { count: run, segment, position } = this.#at(at, end);
      if (segment === NOWHERE) visitor.hole(at, run);
      else visitor.run(at, run, segment, position);
      const fragments = this.#regions.get(regionOf(at))?.fragments;
      if (fragments !== undefined) {
        const base = at - blockInRegion(at);
        for (const piece of fragments.of(at - base, at - base + run))
          visitor.fragment(
            base + piece.block,
            piece.firstSector,
            piece.sectors,
            piece.segment,
            piece.position,
          );
      }
      at += run;
    }
  }

  /**
   * The map as it is now, to be written down in slices while this one goes on; costs 12 to 32 bytes for each segment
   * at once, and a copy of each region that changes before it was taken. One at a time.
   */
  hold(): HeldMap {
    if (this.#held !== undefined) throw new Error("the map is held already");
    const held = new HeldMap(this.#regions, this.segments, () => {
      this.#held = undefined;
    });
    this.#held = held;
    return held;
  }

  #check(block: number, count: number): void {
    if (block < 0 || count < 0 || block + count > MOST_BLOCKS)
      throw new RangeError(`blocks ${block} to ${block + count} are on no disk`);
  }

  /** The run, or hole, from `block` on; it ends before `end`, and with its region where that maps anything. */
  #at(block: number, end: number): Readonly<Run> {
    const region = this.#regions.get(regionOf(block));
    const to = endOfRegion(block, end);
    const first = blockInRegion(block);
    if (region !== undefined) region.runAt(first, first + to - block, this.#run);
    else {
      this.#run.count = this.#nextMapped(to, end) - block;
      this.#run.segment = NOWHERE;
      this.#run.position = 0;
    }
    return this.#run;
  }

  /** The first block from `block` on whose region maps anything; `end` where there is none before. */
  #nextMapped(block: number, end: number): number {
    if (block >= end) return end;
    const last = regionOf(end - 1) + 1;
    for (let at = this.#regions.next(regionOf(block), last); at < last; at = this.#regions.next(at + 1, last))
      if (this.#regions.get(at) !== undefined) return Math.max(block, at * REGION_BLOCKS);
    return end;
  }

  /** Maps the blocks, all of one region, to a place that counts them as live already, or to nowhere. */
  #replace(block: number, end: number, segment: number, position: number): void {
    const first = blockInRegion(block);
    const last = first + end - block;
    const region = this.#change(block);
    this.#lose(region, first, last);
    region.clearFragments(first, last);
    region.set(first, last - first, segment, position);
    this.#changed(block, region);
  }

  /** What the cells of a region point at is live no more. */
  #lose(region: Region, first: number, end: number): void {
    const run = this.#run;
    for (let at = first; at < end; at += run.count) {
      region.runAt(at, end, run);
      if (run.segment !== NOWHERE) this.#segments.lose(run.segment, run.count * CELL_BYTES);
    }
  }

  /** The block's region, which is about to change; `changed` follows. */
  #change(block: number): Region {
    const number = regionOf(block);
    let region = this.#regions.get(number);
    this.#held?.keep(number, region);
    if (region === undefined) {
      region = new Region(this.#slabs);
      this.#regions.set(number, region);
      this.#mapped++;
    }
    this.#fragments -= region.fragments?.count ?? 0;
    return region;
  }

  #changed(block: number, region: Region): void {
    this.#fragments += region.fragments?.count ?? 0;
    if (!region.empty) return;
    this.#regions.set(regionOf(block), undefined);
    this.#mapped--;
    region.free();
  }
}

/** Where the blocks from `block` to `end` leave its region. */
const endOfRegion = (block: number, end: number): number =>
  Math.min(end, block - blockInRegion(block) + REGION_BLOCKS);
