import fc from "fast-check";
import { BLOCK_SECTORS, CELL_BYTES, cellBytes, type Place } from "../cell.ts";
import { type ExtentMap, MOST_BLOCKS } from "../extent-map.ts";
import { PlainMap } from "./plain-map.ts";

/** Blocks of a region of the map: here only to reach its borders. */
const REGION = 2048;

const block = fc.oneof(
  fc.nat(30),
  fc.integer({ min: REGION - 20, max: REGION + 20 }),
  fc.integer({ min: MOST_BLOCKS - 30, max: MOST_BLOCKS - 1 }),
);
const blocks = fc
  .tuple(block, fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.constant(2 * REGION)))
  .map(([first, count]) => ({ block: first, count: Math.min(count, MOST_BLOCKS - first) }));
const piece = fc
  .tuple(block, fc.nat(BLOCK_SECTORS - 1), fc.integer({ min: 1, max: BLOCK_SECTORS - 1 }))
  .map(([at, firstSector, sectors]) => ({
    block: at,
    firstSector,
    sectors: Math.min(sectors, BLOCK_SECTORS - firstSector),
  }));

export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Changes of a map, as logs and collectors make them: what is put lies where nothing lay before. */
export const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("put" as const), where: blocks }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("put piece" as const), where: piece }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), where: blocks }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("collect" as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("scatter" as const), region: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("seal" as const) }) },
);

type Written =
  | { readonly block: number; readonly count: number; readonly at: Place }
  | { readonly block: number; readonly firstSector: number; readonly sectors: number; readonly at: Place };

/** A map and what it should say, changed alike. */
export class ChangingMap {
  readonly plain = new PlainMap();
  readonly map: ExtentMap;
  readonly #written: Written[] = [];
  #segment = 1;
  #position = 0;

  constructor(map: ExtentMap) {
    this.map = map;
  }

  make(made: Change): void {
    if (made.do === "put") this.#put(made.where.block, made.where.count);
    else if (made.do === "put piece") this.#putPiece(made.where);
    else if (made.do === "collect") this.#collect(made.which);
    else if (made.do === "seal") this.#seal();
    else if (made.do === "scatter")
      for (let at = 0; at < REGION; at += 2) this.#put(made.region * REGION + ((at * 5) % REGION), 1);
    else {
      this.map.remove(made.where.block, made.where.count);
      this.plain.remove(made.where.block, made.where.count);
    }
  }

  #put(at: number, count: number): void {
    const { segment, position } = this.#place(count * CELL_BYTES);
    this.map.put(at, count, segment, position);
    this.plain.put(at, count, segment, position);
    this.#written.push({ block: at, count, at: { segment, position } });
  }

  #putPiece(where: { readonly block: number; readonly firstSector: number; readonly sectors: number }): void {
    const { block: at, firstSector, sectors } = where;
    const { segment, position } = this.#place(cellBytes(sectors));
    this.map.putFragment(at, firstSector, sectors, segment, position);
    this.plain.putFragment(at, firstSector, sectors, segment, position);
    this.#written.push({ ...where, at: { segment, position } });
  }

  /** Moves one of the last writes elsewhere, whatever is left of it. */
  #collect(which: number): void {
    const written = this.#written.at(-1 - which);
    if (written === undefined) return;
    if ("count" in written) {
      const to = this.#place(written.count * CELL_BYTES);
      this.map.relocate(written.block, written.count, written.at, to);
      this.plain.relocate(written.block, written.count, written.at, to);
      this.#written.push({ ...written, at: to });
    } else {
      const to = this.#place(cellBytes(written.sectors));
      this.map.relocateFragment(written.block, written.firstSector, written.sectors, written.at, to);
      this.plain.relocateFragment(written.block, written.at, to);
      this.#written.push({ ...written, at: to });
    }
  }

  #place(bytes: number): Place {
    const place = { segment: this.#segment, position: this.#position };
    this.#position += bytes;
    return place;
  }

  #seal(): void {
    this.map.add(this.#segment, this.#position);
    this.#segment += 1000;
    this.#position = 0;
  }
}
