import { BLOCK_BYTES, CELL_BYTES, SECTOR_BYTES } from "./cell.ts";
import { logSeedOf } from "./cell-checksum.ts";
import type { ExtentMap } from "./extent-map.ts";
import type { CheckpointName } from "./layout.ts";
import type { Objects } from "./objects.ts";
import { OpenSegment } from "./open-segment.ts";
import { encodeIndex } from "./segment-index.ts";
import { type SealedObject, Uploads } from "./uploads.ts";

export interface LogWriterOptions {
  readonly objects: Objects;
  readonly log: string;
  /** Whose objects they are. */
  readonly nonce: string;
  readonly window: number;
  readonly segmentBytes: number;
  readonly maxBufferedBytes: number;
  readonly map: ExtentMap;
  /** The number of the next object, and the checksum of the one before it. */
  readonly next: number;
  readonly predecessor: Uint8Array;
  readonly checkpoint: CheckpointName;
  /** Takes the cells of a segment that the bucket has: reads are likely to ask for them. */
  readonly keep: (segment: number, cells: Buffer) => void;
  /** Called once, when nothing that is written can reach the bucket any more. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Where writes go: into a segment in memory, and with it to the bucket, in order. The map points at what was written from
 * the moment that it is, and `cells` has it until the bucket does.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #logSeed: number;
  readonly #uploads: Uploads;
  readonly #unconfirmed = new Map<number, Buffer>();
  readonly #waiters: (() => void)[] = [];
  #open: OpenSegment;
  #predecessor: Uint8Array;
  #sealedBytes = 0;
  #failed = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    const { objects, log, window, next, predecessor } = options;
    this.#logSeed = logSeedOf(log);
    this.#predecessor = predecessor;
    this.#open = this.#begin(next);
    this.#uploads = new Uploads({
      objects,
      log,
      window,
      confirmed: next - 1,
      onConfirmed: (object) => this.#confirmed(object),
      onFailed: (error) => this.#fail(error),
    });
  }

  /** Bytes that the bucket doesn't have yet. */
  get bufferedBytes(): number {
    return this.#sealedBytes + this.#open.cells.length;
  }

  /** Whether so many bytes can be written now; where not, `room` resolves when it may be otherwise. */
  hasRoom(bytes: number): boolean {
    const { maxBufferedBytes } = this.#options;
    return this.#failed || this.bufferedBytes + bytes <= maxBufferedBytes || this.bufferedBytes === 0;
  }

  room(): Promise<void> {
    // What fills the memory must be on its way out of it.
    this.#seal();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** The cells of a segment that the bucket may not have yet. */
  cells(segment: number): Buffer | undefined {
    return segment === this.#open.number ? this.#open.cells : this.#unconfirmed.get(segment);
  }

  /** In one segment, so that a crash leaves all of it or nothing; only what no segment holds is several writes. */
  write(offset: number, from: Uint8Array): void {
    const end = offset + from.length;
    this.#demandRoom(Math.ceil(end / BLOCK_BYTES) - Math.floor(offset / BLOCK_BYTES));
    for (let at = offset; at < end; ) {
      const inBlock = at % BLOCK_BYTES;
      const whole = inBlock === 0 ? Math.floor((end - at) / BLOCK_BYTES) : 0;
      const bytes =
        whole > 0
          ? this.#writeBlocks(at, from.subarray(at - offset), whole)
          : this.#writePart(at, end, from.subarray(at - offset));
      at += bytes;
    }
  }

  /** Zeroing what is a hole already costs nothing. */
  zero(offset: number, length: number): void {
    const first = Math.floor(offset / BLOCK_BYTES);
    const end = Math.ceil((offset + length) / BLOCK_BYTES);
    if (this.#options.map.holds(first, end - first)) this.addZeroes(offset, length);
  }

  /** Zeroes it also where the map knows of nothing: the log may. */
  addZeroes(offset: number, length: number): void {
    const { map } = this.#options;
    const end = offset + length;
    const first = Math.ceil(offset / BLOCK_BYTES);
    const last = Math.floor(end / BLOCK_BYTES);
    if (first > last) {
      this.#zeroPart(offset, length);
      return;
    }
    this.#demandRoom(2);
    this.#zeroPart(offset, first * BLOCK_BYTES - offset);
    if (last > first) {
      this.#room().addHole(first, last - first);
      map.remove(first, last - first);
    }
    this.#zeroPart(last * BLOCK_BYTES, end - last * BLOCK_BYTES);
  }

  /** Resolves once the bucket has everything that was written before the call. */
  flush(): Promise<void> {
    this.#seal();
    return this.#uploads.reached(this.#open.number - 1);
  }

  /** What is not in the bucket by now stays out of it, but for what is on its way. */
  stop(): Promise<void> {
    return this.#uploads.stop();
  }

  #writeBlocks(offset: number, from: Uint8Array, wanted: number): number {
    const block = offset / BLOCK_BYTES;
    const segment = this.#room();
    const count = Math.min(wanted, segment.roomBlocks);
    const bytes = count * BLOCK_BYTES;
    const position = segment.addBlocks(block, from.subarray(0, bytes));
    this.#options.map.put(block, count, segment.number, position);
    return bytes;
  }

  #writePart(offset: number, end: number, from: Uint8Array): number {
    const block = Math.floor(offset / BLOCK_BYTES);
    const bytes = Math.min((block + 1) * BLOCK_BYTES, end) - offset;
    const firstSector = (offset % BLOCK_BYTES) / SECTOR_BYTES;
    const segment = this.#room();
    const position = segment.addFragment(block, firstSector, from.subarray(0, bytes));
    this.#options.map.putFragment(block, firstSector, bytes / SECTOR_BYTES, segment.number, position);
    return bytes;
  }

  #zeroPart(offset: number, length: number): void {
    if (length > 0) this.#writePart(offset, offset + length, zeroes);
  }

  /** Begins a new segment where the open one has no room for so many cells and a new one has. */
  #demandRoom(cells: number): void {
    if (this.#open.roomBlocks < cells && cells * CELL_BYTES <= this.#options.segmentBytes) this.#seal();
  }

  /** The open segment, with room for another block. */
  #room(): OpenSegment {
    if (this.#open.full) this.#seal();
    return this.#open;
  }

  #begin(number: number): OpenSegment {
    return new OpenSegment(number, this.#logSeed, Math.max(this.#options.segmentBytes, CELL_BYTES));
  }

  #seal(): void {
    const segment = this.#open;
    if (segment.empty || this.#failed) return;
    const { log, nonce, checkpoint } = this.#options;
    const { number, cells } = segment;
    const { bytes, checksum } = encodeIndex({
      kind: "segment",
      log,
      number,
      nonce,
      predecessor: this.#predecessor,
      confirmedThrough: this.#uploads.confirmed,
      checkpoint,
      continuesAt: 0,
      records: segment.records.words,
      cellBytes: cells.length,
    });
    this.#options.map.add(number, cells.length);
    this.#predecessor = checksum;
    this.#unconfirmed.set(number, cells);
    this.#sealedBytes += cells.length;
    this.#open = this.#begin(number + 1);
    this.#uploads.add({ number, parts: [cells, bytes], checksum });
  }

  #confirmed({ number }: SealedObject): void {
    const cells = this.#unconfirmed.get(number);
    if (cells === undefined) return;
    this.#unconfirmed.delete(number);
    this.#sealedBytes -= cells.length;
    this.#options.keep(number, cells);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#options.onFailed(error);
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

const zeroes = new Uint8Array(BLOCK_BYTES);
