import type { AnswerMemory } from "./answer-memory.ts";
import { BLOCK_SECTORS, CELL_BYTES, SECTOR_BYTES } from "./cell.ts";
import { CellReader } from "./cell-reader.ts";
import type { ExtentMap } from "./extent-map.ts";
import { damagedObject, wholeIndex } from "./fetch-index.ts";
import { logObjectKey } from "./layout.ts";
import type { Moved } from "./log-writer.ts";
import type { SegmentUse } from "./map/segment-table.ts";
import { Turns } from "./map/turns.ts";
import type { Objects } from "./objects.ts";
import { visitRecords } from "./records.ts";
import type { Upkeep } from "./upkeep.ts";

/** Segments of which something is live may take so many times what is live. */
const MOST_OF_LIVE = 1.4;
/** More than the index of most segments, which is fetched with the cells. */
const INDEX_BYTES = 256 * 1024;

export interface CollectionOptions {
  readonly objects: Objects;
  readonly log: string;
  readonly map: ExtentMap;
  /** Where segments lie while they are emptied. */
  readonly answers: AnswerMemory;
  /** So many blocks are moved at once; a segment holds them. */
  readonly blocksAtOnce: number;
  readonly upkeep: Upkeep;
  /** Numbers up to here are in the bucket. */
  readonly confirmed: () => number;
  /** Resolves when the writer has room for so many bytes beside what guests write. */
  readonly room: (bytes: number) => Promise<void>;
  readonly move: (moved: Moved, bytes: Uint8Array) => void;
  /** Called once when it can't go on. */
  readonly failed: (error: unknown) => void;
}

/**
 * Takes what is live out of segments of which little is, so that the checkpoints find nothing in them and they go. Copies
 * nothing that it hasn't verified, and never decides by itself what is live: a copy counts, here and in every recovery,
 * only where the map still points at the original when it comes to it.
 */
export class Collection {
  readonly #options: CollectionOptions;
  readonly #abort = new AbortController();
  #unlookedBytes = 0;
  #running: Promise<void> | undefined;

  constructor(options: CollectionOptions) {
    this.#options = options;
  }

  sealed(cells: number): void {
    this.#unlookedBytes += cells;
    if (
      this.#unlookedBytes < this.#options.upkeep.lookBytes ||
      this.#running !== undefined ||
      this.#abort.signal.aborted
    )
      return;
    this.#unlookedBytes = 0;
    this.#running = this.#run().then(
      () => {
        this.#running = undefined;
      },
      (error: unknown) => {
        // What it began with stays as it is: nothing is lost but space.
        if (!this.#abort.signal.aborted) this.#options.failed(error);
      },
    );
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const victim = this.#victim();
      if (victim === undefined || this.#abort.signal.aborted) return;
      await this.#empty(victim);
    }
  }

  /** The segment with the least that is live for its size; undefined where there is little to gain. */
  #victim(): SegmentUse | undefined {
    const confirmed = this.#options.confirmed();
    let [live, total] = [0, 0];
    let victim: SegmentUse | undefined;
    let least = 1;
    for (const use of this.#options.map.segments) {
      const { segment, liveBytes, totalBytes } = use;
      live += liveBytes;
      if (liveBytes === 0) continue; // goes by itself
      total += totalBytes;
      const share = liveBytes / totalBytes;
      if (segment > confirmed || share >= least) continue;
      victim = use;
      least = share;
    }
    return total > MOST_OF_LIVE * live + this.#options.upkeep.slackBytes ? victim : undefined;
  }

  async #empty({ segment, totalBytes }: SegmentUse): Promise<void> {
    const { objects, log, map, answers } = this.#options;
    const { signal } = this.#abort;
    const key = logObjectKey(log, segment);
    const answer = answers.take(totalBytes + INDEX_BYTES);
    const object = await objects.get(key, { into: answer.memory, signal });
    if (object === undefined) {
      if (map.liveBytes(segment) > 0) throw damagedObject(objects, key, "it is gone");
    } else await this.#move(segment, key, object);
    answer.release();
  }

  async #move(segment: number, key: string, object: Buffer): Promise<void> {
    const { objects, log, map, blocksAtOnce, room, move } = this.#options;
    const { index } = wholeIndex(objects, key, { tail: object, objectBytes: object.length });
    const { records, cellBytes: length } = index;
    const cells = new CellReader(log, {
      cells: (number) => (number === segment ? object.subarray(0, length) : undefined),
      line: () => undefined,
    });
    const pieces = livePieces(map, segment, { records, length, blocksAtOnce });
    // One for all of them: what V8 hears of new memory has it look through its heap.
    const scratch = Buffer.allocUnsafeSlow(pieces.reduce((most, piece) => Math.max(most, bytesOf(piece)), 0));
    const turns = new Turns();
    for (const piece of pieces) {
      const bytes = scratch.subarray(0, bytesOf(piece));
      for (let at = 0; at < piece.blocks; at++) {
        const { block, firstSector, sectors, position } = piece;
        const cell = {
          segment,
          block: block + at,
          firstSector,
          sectors,
          position: position + at * CELL_BYTES,
        };
        if (cells.read(cell, bytes, at * sectors * SECTOR_BYTES) !== "sound")
          throw damagedObject(
            objects,
            key,
            `the bytes at ${cell.position} are not those that were written there`,
          );
      }
      if (turns.over) await turns.next();
      await room(bytes.length);
      this.#abort.signal.throwIfAborted();
      const { block, firstSector, sectors, position } = piece;
      move({ block, firstSector, sectors, from: { segment, position } }, bytes);
    }
  }
}

interface LivePiece {
  readonly block: number;
  /** Whole blocks in a row; 1 for a piece of a block. */
  readonly blocks: number;
  readonly firstSector: number;
  readonly sectors: number;
  readonly position: number;
}

const bytesOf = ({ blocks, sectors }: LivePiece): number => blocks * sectors * SECTOR_BYTES;

/** What the map points at in the segment, as of now: it is looked again when a piece is moved. */
const livePieces = (
  map: ExtentMap,
  segment: number,
  {
    records,
    length,
    blocksAtOnce,
  }: { readonly records: Uint32Array; readonly length: number; readonly blocksAtOnce: number },
): LivePiece[] => {
  const pieces: LivePiece[] = [];
  visitRecords(records, length, {
    run(first, count, position) {
      for (let at = 0; at < count; at++) {
        const block = first + at;
        const place = { segment, position: position + at * CELL_BYTES };
        if (!map.pointsAt(block, place)) continue;
        const last = pieces.at(-1);
        const follows =
          last !== undefined &&
          last.sectors === BLOCK_SECTORS &&
          last.blocks < blocksAtOnce &&
          last.block + last.blocks === block &&
          last.position + last.blocks * CELL_BYTES === place.position;
        if (follows) pieces[pieces.length - 1] = { ...last, blocks: last.blocks + 1 };
        else
          pieces.push({ block, blocks: 1, firstSector: 0, sectors: BLOCK_SECTORS, position: place.position });
      }
    },
    fragment(block, firstSector, sectors, position) {
      if (map.hasFragment(block, { firstSector, sectors, segment, position }))
        pieces.push({ block, blocks: 1, firstSector, sectors, position });
    },
    hole: () => undefined,
  });
  return pieces;
};
