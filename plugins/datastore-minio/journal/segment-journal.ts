import type { CodedError } from "pagurus";
import { logSeedOf } from "../cell-checksum.ts";
import type { OpenSegment } from "../open-segment.ts";
import { RECORD_WORDS } from "../segment-index.ts";
import { type BatchOwner, batchBytes, encodeBatch } from "./batch.ts";
import type { JournalFile } from "./directory.ts";
import type { JournalSlots } from "./slots.ts";

/** A segment that the bucket may not have, and how much of it is durable here. */
interface Entry {
  readonly segment: OpenSegment;
  file: JournalFile | undefined;
  /** Where its next batch goes. */
  at: number;
  records: number;
  cellBytes: number;
  /** By the monotonic clock: since when some of it is durable here. */
  sinceMs: number | undefined;
  confirmed: boolean;
}

/**
 * Writes down what is added to the segments of a log, in order and each batch durable before the next one is written:
 * what a power cut leaves is a prefix, and a batch that is missing before another was lost otherwise. Flushes that come
 * while one is under way share the next.
 */
export class SegmentJournal {
  readonly #owner: BatchOwner;
  readonly #now: () => number;
  readonly #lost: () => CodedError;
  readonly #entries: Entry[] = [];
  #slots: JournalSlots | undefined;
  #current: Entry | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #ordinal = 0;
  #failure: { readonly error: unknown } | undefined;

  /** `lost`: what is told when no later start would find what is written down. */
  constructor(
    log: string,
    nonce: string,
    { now, lost }: { readonly now: () => number; readonly lost: () => CodedError },
  ) {
    this.#owner = { logSeed: logSeedOf(log), nonce };
    this.#now = now;
    this.#lost = lost;
  }

  /** Bytes of the log that are durable here and that the bucket may lack. */
  get heldBytes(): number {
    return this.#entries.reduce((sum, { cellBytes }) => sum + cellBytes, 0);
  }

  /** By the monotonic clock: since when the oldest of them are. */
  get heldSinceMs(): number | undefined {
    return this.#entries.find(({ sinceMs }) => sinceMs !== undefined)?.sinceMs;
  }

  /** From now on everything may be written down. */
  begin(slots: JournalSlots): void {
    this.#slots = slots;
  }

  /** A segment that is going to be filled, after all others; those are full, and a flush that had to write all of them would be long. */
  begun(segment: OpenSegment): void {
    const fresh = { segment, file: undefined, at: 0, records: 0, cellBytes: 0, sinceMs: undefined };
    this.#entries.push({ ...fresh, confirmed: false });
    if (this.#slots !== undefined && this.#failure === undefined) void this.flush().catch(() => undefined);
  }

  /** The bucket has everything through that number. */
  confirmed(through: number): void {
    for (;;) {
      const [entry] = this.#entries;
      if (entry === undefined || entry.segment.number > through) return;
      this.#entries.shift();
      entry.confirmed = true;
      if (entry !== this.#current) this.#release(entry);
    }
  }

  /** Everything that was added before the call is durable here, or in the bucket. After a failure it rejects for ever, but for a lack of room. */
  flush(): Promise<void> {
    if (this.#next === undefined) {
      const after = this.#running.catch(() => undefined);
      this.#next = after.then(() => {
        this.#next = undefined;
        this.#running = this.#write();
        return this.#running;
      });
    }
    return this.#next;
  }

  /** Ends when nothing is under way. */
  async idle(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#running.catch(() => undefined);
  }

  async #write(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    for (const entry of [...this.#entries]) {
      this.#current = entry;
      try {
        await this.#append(entry);
      } finally {
        this.#current = undefined;
        if (entry.confirmed) this.#release(entry);
      }
    }
    // What is durable on a file system that was taken away is lost with this process.
    if (this.heldSinceMs === undefined || this.#slots?.isFindable !== false) return;
    this.#failure = { error: this.#lost() };
    throw this.#failure.error;
  }

  async #append(entry: Entry): Promise<void> {
    const { segment, at } = entry;
    // A segment that went out empty has a number, and so a batch.
    const passed = entry !== this.#entries.at(-1) && entry.file === undefined;
    if (entry.confirmed || (segment.records.count === entry.records && !passed)) return;
    entry.file ??= await this.#slots?.take();
    if (entry.file === undefined) return;
    const words = segment.records.words.subarray(entry.records * RECORD_WORDS);
    const cells = segment.cells.subarray(entry.cellBytes);
    const records = words.length / RECORD_WORDS;
    const position = {
      number: segment.number,
      ordinal: this.#ordinal + 1,
      recordsFrom: entry.records,
      cellsFrom: entry.cellBytes,
    };
    const sinceMs = this.#now();
    await this.#durable(entry.file, encodeBatch(this.#owner, position, words, cells), at);
    this.#ordinal++;
    entry.at += batchBytes({ records, cellBytes: cells.length });
    entry.records += records;
    entry.cellBytes += cells.length;
    entry.sinceMs ??= sinceMs;
  }

  /** A write that found no room may be tried again; what the kernel failed to write back can't be known any more. */
  async #durable(file: JournalFile, parts: readonly Uint8Array[], at: number): Promise<void> {
    let written = false;
    try {
      await file.write(parts, at);
      written = true;
      await file.datasync();
    } catch (error) {
      if (written || !isFull(error)) this.#failure = { error };
      throw error;
    }
  }

  #release(entry: Entry): void {
    const { file } = entry;
    entry.file = undefined;
    if (file !== undefined) this.#slots?.release(file);
  }
}

/** Of what a file system said: that it has no room left for this. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
