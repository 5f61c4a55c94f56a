import { type Clock, CodedError } from "pagurus";
import { BLOCK_BYTES, BLOCK_SECTORS, CELL_BYTES, type Place, SECTOR_BYTES } from "./cell.ts";
import { checksumOf, logSeedOf } from "./cell-checksum.ts";
import type { ExtentMap } from "./extent-map.ts";
import type { CheckpointName } from "./layout.ts";
import type { Objects } from "./objects.ts";
import { OpenSegment, type SegmentOptions } from "./open-segment.ts";
import { encodeIndex } from "./segment-index.ts";
import { SegmentMemory } from "./segment-memory.ts";
import { type SealedObject, Uploads } from "./uploads.ts";

export interface LogWriterOptions {
  readonly objects: Objects;
  readonly log: string;
  /** Whose objects they are. */
  readonly nonce: string;
  readonly window: number;
  readonly segmentBytes: number;
  readonly maxBufferedBytes: number;
  readonly clock: Clock;
  readonly map: ExtentMap;
  /** The number of the next object, and the checksum of the one before it. */
  readonly next: number;
  readonly predecessor: Uint8Array;
  readonly checkpoint: CheckpointName;
  /** False while writes must wait for the bucket, whatever room there is. */
  readonly mayWrite: () => boolean;
  /** Told of each segment before anything is added to it. */
  readonly onBegun: (segment: OpenSegment) => void;
  /** Something is going to be added to a segment that has nothing yet. */
  readonly onFirstAdded: () => void;
  /** Told of each segment when its number is bound to its bytes. */
  readonly onSealed: (cellBytes: number) => void;
  /** The bucket has more of the log. */
  readonly onConfirmed: () => void;
  /** Takes the cells of a segment that the bucket has: reads are likely to ask for them. Resolves when nobody looks at them any more. */
  readonly keep: (segment: number, cells: Buffer) => Promise<void>;
  /** Waits a while before a full bucket is tried again. */
  readonly whenFull: (signal: AbortSignal) => Promise<void>;
  /** Called once, when nothing that is written can reach the bucket any more. */
  readonly onFailed: (error: unknown) => void;
}

/** A piece before whole blocks, these, and a piece behind them. */
const RECORDS_PER_WRITE = 3;

/** A segment that the bucket may not have yet. */
interface Sealed {
  readonly cells: Buffer;
  readonly memory: Buffer;
  readonly bytes: number;
}

/** What collection takes from one place of the log to another. */
export interface Moved {
  readonly block: number;
  /** 0 and those of a block: whole blocks, as many as there are bytes for. */
  readonly firstSector: number;
  readonly sectors: number;
  readonly from: Place;
}

/**
 * Where writes go: into a segment in memory, and with it to the bucket, in order. The map points at what was written from
 * the moment that it is, and `cells` has it until the bucket does.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #segments: SegmentOptions;
  readonly #uploads: Uploads;
  readonly #unconfirmed = new Map<number, Sealed>();
  readonly #waiters: (() => void)[] = [];
  #open: OpenSegment;
  #predecessor: Uint8Array;
  #checkpoint: CheckpointName;
  #sealedBytes = 0;
  #failed = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    const { objects, log, window, next, predecessor } = options;
    const capacityBytes = Math.max(options.segmentBytes, CELL_BYTES);
    const memory = new SegmentMemory(capacityBytes, options.clock);
    this.#segments = { logSeed: logSeedOf(log), capacityBytes, memory };
    this.#predecessor = predecessor;
    this.#checkpoint = options.checkpoint;
    this.#open = this.#begin(next);
    this.#uploads = new Uploads({
      objects,
      log,
      window,
      confirmed: next - 1,
      whenFull: options.whenFull,
      onConfirmed: (object) => this.#confirmed(object),
      onFailed: (error) => this.#fail(error),
    });
  }

  /** Bytes that the bucket doesn't have yet. */
  get bufferedBytes(): number {
    return this.#sealedBytes + bytesOf(this.#open);
  }

  /** Whether so many bytes can be written now; where not, `room` resolves when it may be otherwise. */
  hasRoom(bytes: number): boolean {
    const { maxBufferedBytes, mayWrite } = this.#options;
    if (this.#failed) return true;
    return (
      mayWrite() && (this.bufferedBytes === 0 || this.bufferedBytes + takenBy(bytes) <= maxBufferedBytes)
    );
  }

  room(): Promise<void> {
    // What fills the memory must be on its way out of it.
    this.#seal();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** The cells of a segment that the bucket may not have yet. */
  cells(segment: number): Buffer | undefined {
    return segment === this.#open.number ? this.#open.cells : this.#unconfirmed.get(segment)?.cells;
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
      // The map first: it refuses what is on no disk, and a record stays.
      map.remove(first, last - first);
      this.#room().addHole(first, last - first);
    }
    this.#zeroPart(last * BLOCK_BYTES, end - last * BLOCK_BYTES);
  }

  /** Resolves once the bucket has everything that was written before the call. */
  flush(): Promise<void> {
    return this.reached(this.seal().number);
  }

  /** Seals what is open, if anything is. What the map says then is what the log says through the number that is answered. */
  seal(): { readonly number: number; readonly checksum: Uint8Array } {
    this.#seal();
    return { number: this.#open.number - 1, checksum: this.#predecessor };
  }

  /** Resolves once the bucket has that number and every lower one. */
  reached(number: number): Promise<void> {
    return this.#uploads.reached(number);
  }

  /** Resolves once the bucket has an object that was sealed after the call, be it empty: nobody had taken the log over then. */
  prove(): Promise<void> {
    if (!this.#failed) this.#sealOpen();
    return this.reached(this.#failed ? this.#open.number : this.#open.number - 1);
  }

  /** From now on every object names that checkpoint; answers the number of the first, which goes out at once. */
  name(checkpoint: CheckpointName): number {
    if (this.#failed) throw new CodedError("call-interrupted", { function: "the naming of a checkpoint" });
    this.#checkpoint = checkpoint;
    this.#sealOpen();
    return this.#open.number - 1;
  }

  /** The number of the last object that the bucket has with all lower ones. */
  get confirmed(): number {
    return this.#uploads.confirmed;
  }

  /** Adds a run of blocks, or a piece of a block, that lies elsewhere in the log: it counts where the map still points there. */
  move({ block, firstSector, sectors, from }: Moved, bytes: Uint8Array): void {
    const { map } = this.#options;
    this.#demandRoom(Math.ceil(bytes.length / BLOCK_BYTES));
    const segment = this.#room();
    const { number } = segment;
    if (sectors === BLOCK_SECTORS) {
      const position = segment.addBlocks(block, bytes, from);
      map.relocate(block, bytes.length / BLOCK_BYTES, from, { segment: number, position });
    } else {
      const position = segment.addFragment(block, firstSector, bytes, from);
      map.relocateFragment(block, firstSector, sectors, from, { segment: number, position });
    }
  }

  /** What is not in the bucket by now stays out of it, but for what is on its way. */
  stop(): Promise<void> {
    this.#failed = true;
    this.#segments.memory.stop();
    for (const wake of this.#waiters.splice(0)) wake();
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
    const fits = this.#open.roomBlocks >= cells && this.#open.roomRecords >= RECORDS_PER_WRITE;
    if (!fits && cells * CELL_BYTES <= this.#options.segmentBytes) this.#seal();
  }

  /** The open segment, with room for another block. */
  #room(): OpenSegment {
    if (this.#open.full) this.#seal();
    if (this.#open.empty) this.#options.onFirstAdded();
    return this.#open;
  }

  /** What comes is likely to be as much as what came. */
  #begin(number: number, expectedBytes = 0): OpenSegment {
    const segment = new OpenSegment(number, this.#segments, expectedBytes);
    this.#options.onBegun(segment);
    return segment;
  }

  #seal(): void {
    if (!this.#open.empty && !this.#failed) this.#sealOpen();
  }

  #sealOpen(): void {
    const segment = this.#open;
    const { log, nonce } = this.#options;
    const { number, cells } = segment;
    const { bytes, checksum } = encodeIndex({
      kind: "segment",
      log,
      number,
      nonce,
      predecessor: this.#predecessor,
      confirmedThrough: this.#uploads.confirmed,
      checkpoint: this.#checkpoint,
      continuesAt: 0,
      records: segment.records.words,
      cellBytes: cells.length,
    });
    this.#options.map.add(number, cells.length);
    this.#predecessor = checksum;
    const buffered = bytesOf(segment);
    this.#unconfirmed.set(number, { cells, memory: segment.memory, bytes: buffered });
    this.#sealedBytes += buffered;
    this.#open = this.#begin(number + 1, cells.length);
    const crc32 = checksumOf(bytes, segment.crc32);
    this.#uploads.add({ number, parts: [cells, bytes], crc32, checksum });
    this.#options.onSealed(cells.length);
  }

  #confirmed({ number }: SealedObject): void {
    const sealed = this.#unconfirmed.get(number);
    if (sealed === undefined) return;
    this.#unconfirmed.delete(number);
    this.#sealedBytes -= sealed.bytes;
    void this.#keep(number, sealed);
    for (const wake of this.#waiters.splice(0)) wake();
    this.#options.onConfirmed();
  }

  async #keep(number: number, { cells, memory }: Sealed): Promise<void> {
    await this.#options.keep(number, cells);
    if (!this.#failed) this.#segments.memory.give(memory);
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#options.onFailed(error);
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** What a write of so many bytes takes at most, with its checksums and records. */
const takenBy = (bytes: number): number => bytes + Math.ceil(bytes / SECTOR_BYTES) + 256;

/** With its records: what is only zeroed takes memory too. */
const bytesOf = ({ cells, records }: OpenSegment): number => cells.length + records.words.byteLength;

const zeroes = new Uint8Array(BLOCK_BYTES);
