import { setImmediate } from "node:timers/promises";
import { CodedError, type Extent, type Layer, type LayerRef, reasonOf } from "pagurus";
import { ColdReads } from "./cold-reads.ts";
import type { Failures, LayerOperation } from "./failures.ts";
import type { OpenFile } from "./files.ts";
import { Flushes } from "./flushes.ts";
import { readFully, writeFully } from "./transfer.ts";

/** What one call may zero before others get their turn: some 2 ms of work for the file system at worst. */
const PUNCH_SLICE_BYTES = 256 * 1024 * 1024;
/** How much is punched to see whether it can be. */
const PROBE_BYTES = 4096;
const zeroes = new Uint8Array(1024 * 1024);
/** How many runs are asked for before others get their turn; each costs about 2 µs. */
const RUNS_PER_TURN = 512;

export interface LocalLayerOptions {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly file: OpenFile;
  readonly failures: Failures;
  /** How long the file is; longer than `sizeBytes` where a crash came between the growth of the layer and of its disk. */
  readonly fileBytes: number;
  /** Records, durably, how long the layer is. */
  readonly resized: (sizeBytes: number) => Promise<void>;
  /** How many reads may wait for storage in the thread pool at once. */
  readonly coldReads: number;
  /** Called once the file is closed. */
  readonly closed: () => void;
}

/** A raw image. Writes, and reads of what is cached, go to the page cache at once; other reads and flushes wait for the storage. */
export class LocalLayer implements Layer {
  readonly ref: LayerRef;
  readonly exactExtents: boolean;
  readonly #file: OpenFile;
  readonly #options: LocalLayerOptions;
  readonly #flushes: Flushes;
  readonly #cold: ColdReads;
  /** What takes several turns: zeroing, resizing. */
  readonly #lasting = new Set<Promise<void>>();
  #sizeBytes: number;
  #fileBytes: number;
  #punches = true;
  #fastZero: boolean | undefined;
  /** A run of data as it was last found: finding its end again can cost a walk over all of its pages. */
  #known = { from: 0, to: 0 };
  #closing: Promise<void> | undefined;

  constructor(options: LocalLayerOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.#sizeBytes = options.sizeBytes;
    this.#fileBytes = options.fileBytes;
    this.#file = options.file;
    this.exactExtents = options.file.exactHoles === true;
    this.#cold = new ColdReads(options.file, options.coldReads);
    this.#flushes = new Flushes(
      () => this.#sync(),
      (cause) => new CodedError("layer-failed", { ...this.ref, reason: reasonOf(cause) }, { cause }),
    );
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What is in memory is read at once: asking for that costs no more than reading. The rest must not hold up others. */
  read(offset: number, into: Uint8Array): void | Promise<void> {
    this.#refuseClosed();
    try {
      if (this.#file.inMemory) return readFully(this.#file, into, offset);
      const cached = this.#file.readCached(into, offset);
      if (cached < into.length) return this.#readCold(offset, into, cached);
    } catch (cause) {
      throw this.#failed({ operation: "read", offset, length: into.length }, cause);
    }
  }

  write(offset: number, from: Uint8Array): void {
    this.#refuseReadOnly();
    try {
      writeFully(this.#file, from, offset);
    } catch (cause) {
      throw this.#failed({ operation: "write", offset, length: from.length }, cause);
    }
  }

  zero(offset: number, length: number): void | Promise<void> {
    this.#refuseReadOnly();
    // A hole of no length is refused by the system as if it made no holes at all.
    if (length === 0) return;
    this.#known = { from: 0, to: 0 };
    const done = this.#zeroSome(offset, length);
    if (done === length) return;
    const rest = this.#zeroRest(offset + done, length - done);
    return this.#last(rest);
  }

  /** Asked of the file system beyond the end of the file, where a hole changes nothing: never of a closed one's descriptor. */
  get fastZero(): boolean {
    if (this.#closing !== undefined) return false;
    const { readOnly } = this.#options;
    this.#fastZero ??= !readOnly && this.#punchesAt(this.#fileBytes);
    return this.#fastZero && this.#punches;
  }

  prefetch(offset: number, length: number): void {
    if (this.#closing === undefined) this.#file.willNeed(offset, length);
  }

  async flush(): Promise<void> {
    this.#refuseClosed();
    await this.#flushes.flush();
  }

  async resize(sizeBytes: number): Promise<void> {
    this.#refuseReadOnly();
    await this.#last(this.#resize(sizeBytes));
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    const end = offset + length;
    for (let at = offset, runs = 1; at < end; runs++) {
      const extent = this.#extentAt(at, end);
      yield extent;
      at += extent.length;
      if (runs % RUNS_PER_TURN === 0) await setImmediate();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled([...this.#lasting, this.#cold.idle(), this.#flushes.idle()]);
    try {
      await this.#file.close();
    } catch (cause) {
      throw this.#options.failures.ofStore(cause);
    } finally {
      this.#options.closed();
    }
  }

  /**
   * The file first: between the two a crash leaves the shorter of both lengths, and no bytes that were cut off. Flushed
   * like a guest's writes, whose failure to reach the storage may be told here and nowhere else.
   */
  async #resize(sizeBytes: number): Promise<void> {
    try {
      if (sizeBytes < this.#sizeBytes || sizeBytes > this.#fileBytes) {
        await this.#file.truncate(sizeBytes);
        this.#fileBytes = sizeBytes;
        this.#known = { from: 0, to: 0 };
      }
      await this.#flushes.flush();
      await this.#options.resized(sizeBytes);
    } catch (cause) {
      throw this.#options.failures.ofStore(cause);
    }
    this.#sizeBytes = sizeBytes;
  }

  async #readCold(offset: number, into: Uint8Array, cached: number): Promise<void> {
    try {
      await this.#cold.read(into.subarray(cached), offset + cached);
    } catch (cause) {
      throw this.#failed({ operation: "read", offset, length: into.length }, cause);
    }
  }

  #punchesAt(offset: number): boolean {
    try {
      return this.#file.punchHole(offset, PROBE_BYTES);
    } catch {
      // A file that is as long as its file system allows has no beyond.
      return false;
    }
  }

  #last(lasting: Promise<void>): Promise<void> {
    this.#lasting.add(lasting);
    return lasting.finally(() => this.#lasting.delete(lasting));
  }

  async #sync(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (cause) {
      throw this.#failed({ operation: "flush", offset: 0, length: this.sizeBytes }, cause);
    }
  }

  /** Zeroes the beginning of the range and answers how much of it. */
  #zeroSome(offset: number, length: number): number {
    try {
      const punched = Math.min(length, PUNCH_SLICE_BYTES);
      this.#punches &&= this.#file.punchHole(offset, punched);
      if (this.#punches) return punched;
      const written = Math.min(length, zeroes.length);
      writeFully(this.#file, zeroes.subarray(0, written), offset);
      return written;
    } catch (cause) {
      throw this.#failed({ operation: "zero", offset, length }, cause);
    }
  }

  async #zeroRest(offset: number, length: number): Promise<void> {
    for (let done = 0; done < length; ) {
      await setImmediate();
      done += this.#zeroSome(offset + done, length - done);
    }
  }

  #extentAt(offset: number, end: number): Extent {
    this.#refuseClosed();
    // What has become a hole since may still be called data; the other way round would lose it.
    const { from, to } = this.#known;
    if (offset >= from && offset < to) return { offset, length: Math.min(to, end) - offset, kind: "data" };
    try {
      const run = this.#file.runAt(offset) ?? { data: true, end };
      if (run.data) this.#known = { from: offset, to: run.end };
      return { offset, length: Math.min(run.end, end) - offset, kind: run.data ? "data" : "zero" };
    } catch (cause) {
      throw this.#failed({ operation: "map", offset, length: end - offset }, cause);
    }
  }

  #failed(operation: LayerOperation, cause: unknown): CodedError {
    return this.#options.failures.ofLayer(this.ref, operation, cause);
  }

  #refuseReadOnly(): void {
    this.#refuseClosed();
    if (this.#options.readOnly) throw new CodedError("layer-read-only", { ...this.ref });
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new CodedError("layer-closed", { ...this.ref });
  }
}
