import { ReadAhead } from "pagurus";
import { HeldAnswers } from "./answer-memory.ts";
import { BLOCK_BYTES } from "./cell.ts";
import { CellReader } from "./cell-reader.ts";
import type { ExtentMap } from "./extent-map.ts";
import { damagedObject } from "./fetch-index.ts";
import type { Fetcher } from "./fetcher.ts";
import { logObjectKey } from "./layout.ts";
import { LINES_PER_SEGMENT, type LogLines } from "./line-cache.ts";
import type { Objects } from "./objects.ts";
import { type DamagedCell, type MissingLine, ReadAttempt } from "./read-attempt.ts";
import { WantedLines } from "./wanted-lines.ts";

/** A reader that goes through the disk has so much fetched for it. */
const AHEAD = { firstBytes: 512 * 1024, mostBytes: 8 * 2 ** 20 };

export interface LayerReaderOptions {
  readonly objects: Objects;
  readonly log: string;
  readonly map: ExtentMap;
  readonly lines: LogLines;
  readonly fetcher: Fetcher;
  readonly sizeBytes: () => number;
  /** Cells that the bucket may not have yet. */
  readonly cells: (segment: number) => Buffer | undefined;
}

/** Reads what the map points at: at once where all of it is at hand, else when it was fetched. */
export class LayerReader {
  readonly #options: LayerReaderOptions;
  readonly #now: ReadAttempt;
  readonly #ahead: ReadAhead;

  constructor(options: LayerReaderOptions) {
    this.#options = options;
    const { log, map, cells, lines } = options;
    this.#now = new ReadAttempt(map, new CellReader(log, { cells, line: lines.get }));
    this.#ahead = new ReadAhead((at, length) => this.prefetch(at, length), AHEAD);
  }

  read(offset: number, into: Uint8Array): void | Promise<void> {
    if (this.#now.read(offset, into)) {
      this.#ahead.sawAtHand(offset, into.length);
      return;
    }
    const { missing, damaged, soundBytes } = this.#now;
    this.#ahead.saw(offset, into.length);
    return this.#readLater(offset + soundBytes, into.subarray(soundBytes), { missing, damaged });
  }

  /** Fetches what isn't at hand, and tells nobody: whoever reads it meets what went wrong. */
  prefetch(offset: number, length: number): void {
    const { map, lines, cells, fetcher, sizeBytes } = this.#options;
    const end = Math.min(offset + length, sizeBytes());
    const first = Math.floor(offset / BLOCK_BYTES);
    const count = Math.ceil(end / BLOCK_BYTES) - first;
    if (count <= 0) return;
    const wanted = new WantedLines((segment, line) => {
      const atHand = cells(segment) !== undefined || lines.has(segment, line);
      return !atHand && !fetcher.isUnderWay(segment, line);
    });
    map.visit(first, count, wanted);
    for (const range of rangesOf(wanted.lines))
      for (const line of fetcher.fetch(range.segment, range.first, range.count)) line.catch(() => undefined);
  }

  /**
   * Fetches what is missing and tries again, since the map may have moved on meanwhile: what was collected is somewhere
   * else by then. A segment that is gone while the map still points there was lost. What is damaged is fetched once more
   * before that is said: it may be so in the cache alone.
   */
  async #readLater(offset: number, into: Uint8Array, lacks: Lacks): Promise<void> {
    const { log, map, cells, lines, objects } = this.#options;
    const fetched = new Map<number, Buffer>();
    const gone = new Set<number>();
    const held = new HeldAnswers();
    // What this read has fetched stays at hand for it, whatever the cache forgets.
    const line = (segment: number, at: number) =>
      fetched.get(segment * LINES_PER_SEGMENT + at) ?? lines.get(segment, at);
    const attempt = new ReadAttempt(map, new CellReader(log, { cells, line }));
    let { missing, damaged } = lacks;
    let read = 0;
    let complete = false;
    try {
      while (!complete) {
        await this.#fetch(missing, { into: fetched, gone, held });
        complete = attempt.read(offset + read, into.subarray(read));
        read += attempt.soundBytes;
        missing = attempt.missing;
        const lost = missing.find(({ segment }) => gone.has(segment));
        const before = damaged;
        damaged = attempt.damaged;
        if (lost) throw damagedObject(objects, logObjectKey(log, lost.segment), "it is gone");
        if (damaged && isSame(damaged, before)) {
          const problem = `the bytes at ${damaged.position} are not those that were written there`;
          throw damagedObject(objects, logObjectKey(log, damaged.segment), problem);
        }
      }
    } finally {
      held.release();
    }
  }

  async #fetch(missing: readonly MissingLine[], { into, gone, held }: Fetched): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const { segment, first, count } of rangesOf(missing)) {
      this.#options.fetcher.fetch(segment, first, count, held).forEach((wait, at) => {
        const key = segment * LINES_PER_SEGMENT + first + at;
        waits.push(
          wait.then((bytes) => void (bytes === undefined ? gone.add(segment) : into.set(key, bytes))),
        );
      });
    }
    await Promise.all(waits);
  }
}

/** What a read couldn't do without. */
type Lacks = Pick<ReadAttempt, "missing" | "damaged">;

const isSame = (cell: DamagedCell, other: DamagedCell | undefined): boolean =>
  cell.segment === other?.segment && cell.position === other.position;

interface Fetched {
  readonly into: Map<number, Buffer>;
  /** Segments whose object isn't there. */
  readonly gone: Set<number>;
  readonly held: HeldAnswers;
}

interface LineRange {
  readonly segment: number;
  readonly first: number;
  readonly count: number;
}

/** Lines side by side are fetched together. */
const rangesOf = (missing: readonly MissingLine[]): LineRange[] => {
  const sorted = [...missing].sort((a, b) => a.segment - b.segment || a.line - b.line);
  const ranges: { segment: number; first: number; count: number }[] = [];
  for (const { segment, line } of sorted) {
    const last = ranges.at(-1);
    const end = last && last.segment === segment ? last.first + last.count : undefined;
    if (last === undefined || end === undefined || line > end)
      ranges.push({ segment, first: line, count: 1 });
    else if (line === end) last.count++;
  }
  return ranges;
};
