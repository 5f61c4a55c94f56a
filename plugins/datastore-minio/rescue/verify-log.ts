import { BLOCK_SECTORS, CELL_BYTES, cellBytes, SECTOR_BYTES } from "../cell.ts";
import { type CellPlace, CellReader } from "../cell-reader.ts";
import type { ExtentMap } from "../extent-map.ts";
import { newerObject } from "../fetch-index.ts";
import { Turns } from "../map/turns.ts";
import type { StoredObject } from "../objects.ts";
import { visitRecords } from "../records.ts";
import { type DecodedIndex, decodeIndex, NEWER_FORMAT } from "../segment-index.ts";
import { liveCellsOf } from "./live-cells.ts";
import { Ranges } from "./ranges.ts";
import type { LogPlace } from "./remains.ts";

/** Objects that are read at once, each whole. */
const READ_AT_ONCE = 4;

/** An object that isn't as it was made, and what of the disk that takes away. */
export interface FoundDamage {
  readonly key: string;
  readonly problem: string;
  readonly hit: Ranges;
}

export interface LogToVerify extends LogPlace {
  readonly map: ExtentMap;
  /** Of the disk. */
  readonly blocks: number;
  readonly stored: readonly (readonly [number: number, object: StoredObject])[];
}

/** Reads every object whole and tries every checksum in it. `object-newer`. */
export const verifyLog = async (
  log: LogToVerify,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<FoundDamage[]> => {
  const found: FoundDamage[] = [];
  const queue = [...log.stored];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [number, { key, sizeBytes }] = next;
      const bytes = await log.objects.get(key, { signal });
      // Without an object that collection has removed meanwhile nothing is missing.
      const damage = bytes && (await damageIn(log, number, key, bytes));
      if (damage !== undefined) found.push(damage);
      onBytes(sizeBytes);
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
  return found;
};

const damageIn = async (
  log: LogToVerify,
  number: number,
  key: string,
  bytes: Buffer,
): Promise<FoundDamage | undefined> => {
  const decoded = decodeIndex(bytes, bytes.length);
  if (decoded === NEWER_FORMAT) throw newerObject(log.objects, key, decoded);
  const hit = new Ranges();
  const cells = new Cells(log, number, bytes);
  const problem = typeof decoded === "string" ? decoded : misnamed(log, number, decoded);
  if (problem !== undefined || typeof decoded === "string") {
    // Its cells can be sound still: each is tried that the disk has.
    for await (const cell of liveCellsOf(log.map, log.blocks, new Set([number])))
      if (!cells.isSound(cell)) hit.addSectors(cell.block, cell.firstSector, cell.sectors);
    return { key, problem: problem ?? "", hit };
  }
  const bad = await damagedCells(cells, decoded);
  const [first] = bad;
  if (first === undefined) return undefined;
  for (const cell of bad)
    if (isLive(log.map, cell)) hit.addSectors(cell.block, cell.firstSector, cell.sectors);
  const others = bad.length > 1 ? `, nor are those of ${bad.length - 1} others in it` : "";
  return {
    key,
    problem: `the bytes at ${first.position} are not those that were written there${others}`,
    hit,
  };
};

const misnamed = ({ log }: LogPlace, number: number, { index }: DecodedIndex): string | undefined => {
  if (index.log !== log) return `it belongs to the log ${index.log}`;
  return index.number === number ? undefined : `it was made as number ${index.number}`;
};

const damagedCells = async (cells: Cells, { index }: DecodedIndex): Promise<CellPlace[]> => {
  const bad: CellPlace[] = [];
  const turns = new Turns();
  const records: CellPlace[][] = [];
  const segment = index.number;
  visitRecords(index.records, index.cellBytes, {
    hole: () => undefined,
    run: (block, count, position) =>
      void records.push(
        Array.from({ length: count }, (_, at) => ({
          block: block + at,
          firstSector: 0,
          sectors: BLOCK_SECTORS,
          segment,
          position: position + at * CELL_BYTES,
        })),
      ),
    fragment: (block, firstSector, sectors, position) =>
      void records.push([{ block, firstSector, sectors, segment, position }]),
  });
  for (const cell of records.flat()) {
    if (!cells.isSound(cell)) bad.push(cell);
    if (turns.over) await turns.next();
  }
  return bad;
};

const isLive = (map: ExtentMap, { block, ...piece }: CellPlace): boolean =>
  piece.sectors === BLOCK_SECTORS ? map.pointsAt(block, piece) : map.hasFragment(block, piece);

/** The cells of one object. */
class Cells {
  readonly #reader: CellReader;
  readonly #bytes: Buffer;
  readonly #scratch = new Uint8Array(BLOCK_SECTORS * SECTOR_BYTES);

  constructor({ log }: LogPlace, number: number, bytes: Buffer) {
    this.#bytes = bytes;
    this.#reader = new CellReader(log, {
      cells: (segment) => (segment === number ? bytes : undefined),
      line: () => undefined,
    });
  }

  isSound(cell: CellPlace): boolean {
    if (cell.position + cellBytes(cell.sectors) > this.#bytes.length) return false;
    const into = this.#scratch.subarray(0, cell.sectors * SECTOR_BYTES);
    return this.#reader.read(cell, into, 0) === "sound";
  }
}
