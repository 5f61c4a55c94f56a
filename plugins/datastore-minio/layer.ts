import {
  CodedError,
  type Extent,
  type Layer,
  type LayerRef,
  type LayerUsage,
  reasonOf,
  type Stamp,
} from "pagurus";
import { BLOCK_BYTES } from "./cell.ts";
import { type ExtentMap, MOST_BLOCKS } from "./extent-map.ts";
import { extentsOf } from "./extents.ts";
import type { LayerJournal } from "./journal/layer-journal.ts";
import type { LayerReader } from "./layer-reader.ts";
import type { Reached } from "./layer-record.ts";
import type { LogWriter } from "./log-writer.ts";

export interface MinioLayerOptions {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
  /** Longer than `sizeBytes` where the layer was opened as a shorter one. */
  readonly layerBytes: number;
  readonly map: ExtentMap;
  readonly reader: LayerReader;
  /** Absent where the layer is open for reading only. */
  readonly writer: LogWriter | undefined;
  /** Where flushes are answered instead of in the bucket, if anywhere. */
  readonly journal: LayerJournal | undefined;
  /** How far the bucket has its log; absent where the layer is open for reading only. */
  readonly reached?: () => Reached;
  readonly usage: (waitingWrites: number) => LayerUsage;
  /** Records, durably, how long the layer is. */
  readonly resized: (sizeBytes: number) => Promise<void>;
  /** Tears down what is under way; the layer may be opened again when it has ended. */
  readonly closed: () => Promise<void>;
}

/** A disk in a log: written to memory and from there to the bucket, read from memory, the cache or the bucket. */
export class MinioLayer implements Layer {
  readonly ref: LayerRef;
  readonly exactExtents = true;
  readonly #options: MinioLayerOptions;
  readonly #underWay = new Set<Promise<void>>();
  #sizeBytes: number;
  /** Longer than `sizeBytes` where the layer was opened as a shorter one. */
  #layerBytes: number;
  /** Writes that wait for room: later ones line up behind them. */
  #waiting: Promise<void> | undefined;
  #waitingWrites = 0;
  #failure: CodedError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: MinioLayerOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.#sizeBytes = options.sizeBytes;
    this.#layerBytes = options.layerBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get layerBytes(): number {
    return this.#layerBytes;
  }

  /** Zeroes take a record and no cells. */
  get fastZero(): boolean {
    return this.#options.writer !== undefined;
  }

  read(offset: number, into: Uint8Array): void | Promise<void> {
    this.#refuseClosed();
    const reading = this.#options.reader.read(offset, into);
    if (reading === undefined) return;
    const length = into.length;
    return this.#last(
      reading.catch((cause: unknown) => {
        const reason = reasonOf(cause);
        throw new CodedError(
          "layer-io-failed",
          {
            ...this.ref,
            operation: "read",
            offset,
            length,
            reason,
            lost: CodedError.is(cause, "object-damaged"),
          },
          { cause },
        );
      }),
    );
  }

  write(offset: number, from: Uint8Array): void | Promise<void> {
    const writer = this.#writer();
    if (this.#waiting === undefined && writer.hasRoom(from.length)) return writer.write(offset, from);
    return this.#later(from.length, () => writer.write(offset, from));
  }

  zero(offset: number, length: number): void | Promise<void> {
    const writer = this.#writer();
    if (length === 0) return;
    if (this.#waiting === undefined && writer.hasRoom(BLOCK_BYTES)) return writer.zero(offset, length);
    return this.#later(BLOCK_BYTES, () => writer.zero(offset, length));
  }

  async flush(): Promise<void> {
    const writer = this.#writer();
    await this.#last(this.#flush(this.#options.journal ?? writer));
  }

  /**
   * What growing adds is zeroed in the log before the layer is said to be longer: it may hold what shrinking has cut off.
   * Between the two a crash leaves the old length, and zeroes where nothing was to be read.
   */
  async resize(sizeBytes: number): Promise<void> {
    const writer = this.#writer();
    const mostBytes = MOST_BLOCKS * BLOCK_BYTES;
    if (sizeBytes > mostBytes)
      throw new CodedError("layer-too-long", { datastore: this.ref.datastore, mostBytes, sizeBytes });
    await this.#last(this.#resize(writer, sizeBytes));
  }

  /** Bytes of the disk that are no holes, as of now. */
  get allocatedBytes(): number {
    let bytes = 0;
    for (const { liveBytes } of this.#options.map.segments) bytes += liveBytes;
    return bytes;
  }

  get reached(): Reached | undefined {
    return this.#options.reached?.();
  }

  usage(): LayerUsage {
    return this.#options.usage(this.#waitingWrites);
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    for await (const extent of extentsOf(this.#options.map, offset, length)) {
      this.#refuseClosed();
      yield extent;
    }
  }

  /** What it is decides where a flush is answered. */
  stamped(stamp: Stamp): void {
    this.#options.journal?.stamped(stamp);
  }

  prefetch(offset: number, length: number): void {
    if (this.#closing === undefined) this.#options.reader.prefetch(offset, length);
  }

  /** Nothing that is written from now on can become durable. */
  fail(cause: unknown): void {
    this.#failed({ operation: "write", offset: 0, length: 0 }, cause);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What was written goes to the bucket if it can: whoever opens the layer next expects to read it. */
  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    const { writer, journal, closed } = this.#options;
    if (journal !== undefined) await journal.close();
    else if (writer !== undefined && this.#failure === undefined) await writer.flush().catch(() => undefined);
    await closed();
  }

  async #flush(to: Pick<LogWriter, "flush">): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      await to.flush();
    } catch (cause) {
      throw this.#failed({ operation: "flush", offset: 0, length: this.#sizeBytes }, cause);
    }
  }

  async #resize(writer: LogWriter, sizeBytes: number): Promise<void> {
    const { map, resized } = this.#options;
    if (sizeBytes > this.#layerBytes) {
      const old = this.#layerBytes;
      await this.#whenRoom(BLOCK_BYTES, () => writer.addZeroes(old, sizeBytes - old));
      await this.#flush(writer);
    }
    await resized(sizeBytes);
    cutOff(map, sizeBytes);
    this.#layerBytes = sizeBytes;
    this.#sizeBytes = sizeBytes;
  }

  /** Behind the writes that wait already, so that none of them waits for ever. */
  #later(bytes: number, perform: () => void): Promise<void> {
    const turn = (this.#waiting ?? Promise.resolve()).then(() => this.#whenRoom(bytes, perform));
    const settled = turn.catch(() => undefined);
    this.#waiting = settled;
    this.#waitingWrites++;
    void settled.then(() => {
      this.#waitingWrites--;
      if (this.#waiting === settled) this.#waiting = undefined;
    });
    return this.#last(turn);
  }

  async #whenRoom(bytes: number, perform: () => void): Promise<void> {
    const writer = this.#writerOrFailure();
    while (!writer.hasRoom(bytes)) await writer.room();
    this.#writerOrFailure();
    perform();
  }

  #last<T extends Promise<void>>(lasting: T): T {
    this.#underWay.add(lasting);
    const ended = () => void this.#underWay.delete(lasting);
    lasting.then(ended, ended);
    return lasting;
  }

  #failed(operation: Operation, cause: unknown): CodedError {
    if (CodedError.is(cause, "no-space")) return cause;
    const reason = reasonOf(cause);
    this.#failure ??= new CodedError("layer-failed", { ...this.ref, reason }, { cause });
    return new CodedError("layer-io-failed", { ...this.ref, ...operation, reason }, { cause });
  }

  #writer(): LogWriter {
    this.#refuseClosed();
    return this.#writerOrFailure();
  }

  #writerOrFailure(): LogWriter {
    const { writer } = this.#options;
    if (writer === undefined) throw new CodedError("layer-read-only", { ...this.ref });
    if (this.#failure) throw this.#failure;
    return writer;
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new CodedError("layer-closed", { ...this.ref });
  }
}

interface Operation {
  readonly operation: "read" | "write" | "zero" | "flush";
  readonly offset: number;
  readonly length: number;
}

/** Forgets what lies beyond the end; the last block keeps its tail, which growing zeroes. */
export const cutOff = (map: ExtentMap, sizeBytes: number): void => {
  const blocks = Math.ceil(sizeBytes / BLOCK_BYTES);
  map.remove(blocks, MOST_BLOCKS - blocks);
};
