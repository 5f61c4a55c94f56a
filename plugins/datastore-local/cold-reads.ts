import { ReadAhead } from "pagurus";
import type { OpenFile } from "./files.ts";
import { readLater } from "./transfer.ts";

/**
 * The share of the process's pool that the cold reads of one disk leave to everybody else. Taking more made one disk
 * slower: its threads got in each other's way.
 */
const LEFT_TO_OTHERS = 0.5;
/**
 * Asking is synchronous, about 0.1 µs for each KiB. It stands in for the kernel's read-ahead, whose large folios make small
 * writes slow.
 */
const AHEAD = { firstBytes: 128 * 1024, mostBytes: 1024 * 1024 };

/** How many cold reads of one disk may be in the pool at once, when that has so many threads. */
export const coldReadsAtOnce = (poolThreads: number): number =>
  Math.max(1, Math.floor(poolThreads * (1 - LEFT_TO_OTHERS)));

/** Reads of one file that wait for storage, in the thread pool: so many at once, the others in order behind them. */
export class ColdReads {
  readonly #file: OpenFile;
  readonly #atOnce: number;
  readonly #ahead: ReadAhead;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #idle: (() => void) | undefined;

  constructor(file: OpenFile, atOnce: number) {
    this.#file = file;
    this.#atOnce = atOnce;
    this.#ahead = new ReadAhead((at, length) => file.willNeed(at, length), AHEAD);
  }

  /** Fills `into`. */
  async read(into: Uint8Array, at: number): Promise<void> {
    this.#ahead.saw(at, into.length);
    if (this.#running >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      await readLater(this.#file, into, at);
    } finally {
      this.#next();
    }
  }

  /** Resolves when none runs or waits. */
  async idle(): Promise<void> {
    if (this.#running > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
  }

  /** Hands the place on to who waits longest. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
    if (this.#running === 0) this.#idle?.();
  }
}
