import { BLOCK_SECTORS, CELL_BYTES, cellBytes, type Place } from "../cell.ts";
import { type ExtentMap, MOST_BLOCKS } from "../extent-map.ts";

/** Which cell each sector of a disk is read from, one by one; a sector that none is given for is zeroes. */
export type Sectors = ReadonlyMap<number, string>;

const cellAt = (segment: number, position: number): string => `${segment}:${position}`;

/** What an extent map should say, held so plainly that it can't be wrong. */
export class PlainMap {
  readonly sectors = new Map<number, string>();

  put(block: number, count: number, segment: number, position: number): void {
    for (let at = 0; at < count; at++)
      this.#fill(block + at, 0, BLOCK_SECTORS, cellAt(segment, position + at * CELL_BYTES));
  }

  putFragment(block: number, firstSector: number, sectors: number, segment: number, position: number): void {
    this.#fill(block, firstSector, sectors, cellAt(segment, position));
  }

  remove(block: number, count: number): void {
    for (const sector of this.sectors.keys())
      if (sector >= block * BLOCK_SECTORS && sector < (block + count) * BLOCK_SECTORS)
        this.sectors.delete(sector);
  }

  relocate(block: number, count: number, from: Place, to: Place): void {
    for (let at = 0; at < count; at++) {
      const moved = at * CELL_BYTES;
      this.#move(block + at, from.segment, from.position + moved, cellAt(to.segment, to.position + moved));
    }
  }

  relocateFragment(block: number, from: Place, to: Place): void {
    this.#move(block, from.segment, from.position, cellAt(to.segment, to.position));
  }

  #move(block: number, segment: number, position: number, to: string): void {
    for (let sector = block * BLOCK_SECTORS; sector < (block + 1) * BLOCK_SECTORS; sector++)
      if (this.sectors.get(sector) === cellAt(segment, position)) this.sectors.set(sector, to);
  }

  #fill(block: number, firstSector: number, sectors: number, cell: string): void {
    for (let at = 0; at < sectors; at++) this.sectors.set(block * BLOCK_SECTORS + firstSector + at, cell);
  }
}

export interface Told {
  readonly sectors: Sectors;
  /** Where the visitor was told of a gap, or of something twice. */
  readonly problems: readonly string[];
  /** Bytes of all cells told of, by segment. */
  readonly liveBytes: ReadonlyMap<number, number>;
}

/** What the map tells of the whole of the largest disk. */
export const toldBy = (map: ExtentMap): Told => {
  const sectors = new Map<number, string>();
  const liveBytes = new Map<number, number>();
  const problems: string[] = [];
  let next = 0;
  const follow = (block: number, count: number) => {
    if (block !== next || count < 1) problems.push(`${count} blocks at ${block} instead of ${next}`);
    next = block + count;
  };
  const live = (segment: number, bytes: number) =>
    liveBytes.set(segment, (liveBytes.get(segment) ?? 0) + bytes);
  map.visit(0, MOST_BLOCKS, {
    hole: follow,
    run(block, count, segment, position) {
      follow(block, count);
      live(segment, count * CELL_BYTES);
      for (let at = 0; at < count * BLOCK_SECTORS; at++) {
        const cell = position + Math.floor(at / BLOCK_SECTORS) * CELL_BYTES;
        sectors.set(block * BLOCK_SECTORS + at, cellAt(segment, cell));
      }
    },
    fragment(block, firstSector, count, segment, position) {
      if (block >= next) problems.push(`a piece of ${block} before the block`);
      live(segment, cellBytes(count));
      for (let at = 0; at < count; at++)
        sectors.set(block * BLOCK_SECTORS + firstSector + at, cellAt(segment, position));
    },
  });
  if (next !== MOST_BLOCKS) problems.push(`nothing from ${next} on`);
  return { sectors, problems, liveBytes };
};
