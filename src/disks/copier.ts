import { type Clock, CodedError, type Layer } from "../contract/index.ts";
import type { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES, type Run } from "./blocks.ts";
import type { CopyBrake } from "./copy-brake.ts";
import { COPY_BYTES, CopyBufferPool, type CopyBuffers, firstDifference, isZero } from "./copy-buffers.ts";
import { deferred } from "./deferred.ts";
import { bytesOf, type Tracker } from "./tracker.ts";

/** Copies in flight at once, where source or target need time to answer. */
const COPIES_IN_FLIGHT = 8;
/** Small copies go on for this long, or as many bytes as one large one, before everybody else has a turn. */
const TURN_MS = 0.25;
/** Zeroes are looked for in pieces of this size, so that a few zeroes among data don't cost a call each. */
const ZERO_PIECE_BYTES = 64 * 1024;

export interface CopierOptions {
  readonly disk: string;
  readonly sizeBytes: number;
  readonly source: Layer;
  readonly target: Layer;
  readonly tracker: Tracker;
  readonly clock: Clock;
  /** What the move is at, for its failures. */
  readonly phase: () => string;
  readonly brake: CopyBrake;
}

/** What a copy of a set of blocks may depend on. */
export interface CopyOptions {
  /** The target holds nothing yet: what is zero need not be written. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** Asked between copies; what it throws ends the copying once nothing is in flight. */
  readonly proceed: () => void;
  /** Whether the brake holds for these blocks. */
  readonly braked: boolean;
  readonly copied: (bytes: number, zero: boolean) => void;
}

/**
 * Copies blocks from source to target and reads them back. A block's mark is cleared before its extents are asked
 * for and before it is read, so that a write that lands meanwhile marks it again. At most one copy of a block is
 * in flight. Yields to the event loop after each copy: the guest's requests come in between.
 */
export class Copier {
  readonly #options: CopierOptions;
  readonly #buffers = new CopyBufferPool();

  constructor(options: CopierOptions) {
    this.#options = options;
  }

  /** Rejects with the first failure, when nothing is in flight any more; failed blocks are dirty again. */
  async copy(blocks: BlockBitmap, options: CopyOptions): Promise<void> {
    const { clock, brake } = this.#options;
    const inFlight = new Set<Promise<void>>();
    let ended = deferred<void>();
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure ??= { error };
    };
    let reached = 0;
    let stretch = { fromMs: clock.monotonicMs(), blocks: 0 };
    /** Others get their turn; what copies wait for meanwhile is their time, what the guest takes is not. */
    const rest = async (until: () => Promise<void>) => {
      await drained();
      const restingMs = clock.monotonicMs();
      const waiting = inFlight.size > 0;
      await until();
      const nowMs = clock.monotonicMs();
      brake.took(restingMs - stretch.fromMs, waiting ? nowMs - restingMs : 0);
      stretch = { fromMs: nowMs, blocks: 0 };
      const held = options.braked ? brake.wait(options.signal) : undefined;
      if (held === undefined) return;
      await held;
      stretch.fromMs = clock.monotonicMs();
    };
    try {
      for (const run of runsOf(blocks)) {
        options.signal.throwIfAborted();
        options.proceed();
        reached = run.first + run.count;
        const copy: Promise<void> = this.#copyRun(run, options)
          .catch(fail)
          .finally(() => {
            inFlight.delete(copy);
            ended.resolve();
          });
        inFlight.add(copy);
        stretch.blocks += run.count;
        if (stretch.blocks * BLOCK_BYTES >= COPY_BYTES || clock.monotonicMs() - stretch.fromMs >= TURN_MS)
          await rest(turn);
        if (inFlight.size >= COPIES_IN_FLIGHT) {
          ended = deferred();
          await rest(() => ended.promise);
        }
        if (failure !== undefined) break;
      }
    } catch (error) {
      fail(error);
    }
    const lastMs = clock.monotonicMs();
    await Promise.all(inFlight);
    brake.took(lastMs - stretch.fromMs, clock.monotonicMs() - lastMs);
    if (failure === undefined) return;
    this.#remark(blocks, reached);
    throw failure.error;
  }

  /** Compares the blocks on both sides and vouches for those that are equal. Only while the guest is held. */
  async compare(blocks: BlockBitmap, proceed: () => void): Promise<void> {
    const buffers = this.#buffers.take();
    const { sizeBytes, source, target, tracker } = this.#options;
    for (const run of runsOf(blocks)) {
      proceed();
      const { offset, length } = bytesOf(run, sizeBytes);
      const expected = buffers.source.subarray(0, length);
      const found = buffers.readBack.subarray(0, length);
      await this.#ask("source-failed", () => source.read(offset, expected));
      await this.#ask("target-failed", () => target.read(offset, found));
      // The guest may have been let go, and have written, while the two were read: that is no mismatch.
      proceed();
      const at = firstDifference(expected, found);
      if (at >= 0) throw this.#mismatch(offset + at);
      tracker.vouch(run);
      await turn();
    }
    this.#buffers.give(buffers);
  }

  /** What was not reached is still to be copied. */
  #remark(blocks: BlockBitmap, from: number): void {
    for (const run of runsOf(blocks, from)) this.#options.tracker.failed(run);
  }

  async #copyRun(run: Run, options: CopyOptions): Promise<void> {
    const buffers = this.#buffers.take();
    try {
      this.#options.tracker.begin(run);
      await this.#move(run, buffers, options);
      await this.#readBack(run, buffers);
      // Given back only here: after a failure a store may still be using its buffers.
      this.#buffers.give(buffers);
    } catch (error) {
      this.#options.tracker.failed(run);
      throw error;
    }
  }

  async #move(run: Run, buffers: CopyBuffers, { fresh, copied }: CopyOptions): Promise<void> {
    const { source, target, sizeBytes } = this.#options;
    const { offset, length } = bytesOf(run, sizeBytes);
    const bytes = buffers.source.subarray(0, length);
    const holes = await this.#holes(offset, length);
    await this.#ask("source-failed", () => source.read(offset, bytes));
    this.#options.brake.moved(length);
    for (const piece of pieces(bytes, offset, holes)) {
      const at = offset + piece.from;
      if (!piece.zero)
        await this.#ask("target-failed", () => target.write(at, bytes.subarray(piece.from, piece.to)));
      else if (!fresh) await this.#ask("target-failed", () => target.zero(at, piece.to - piece.from));
      copied(piece.to - piece.from, piece.zero);
    }
  }

  /** The ranges that the source calls holes: taken at its word here, and checked by the read-back. */
  async #holes(offset: number, length: number): Promise<readonly { from: number; to: number }[]> {
    const holes: { from: number; to: number }[] = [];
    try {
      for await (const extent of this.#options.source.extents(offset, length))
        if (extent.kind !== "data") holes.push({ from: extent.offset, to: extent.offset + extent.length });
    } catch (cause) {
      throw new CodedError(
        "source-failed",
        { disk: this.#options.disk, phase: this.#options.phase() },
        { cause },
      );
    }
    return holes;
  }

  /** What the target holds now must be what was read from the source, but where the guest has written since. */
  async #readBack(run: Run, { source, readBack }: CopyBuffers): Promise<void> {
    const { target, tracker, sizeBytes } = this.#options;
    const { offset, length } = bytesOf(run, sizeBytes);
    const expected = source.subarray(0, length);
    const found = readBack.subarray(0, length);
    await this.#ask("target-failed", () => target.read(offset, found));
    if (Buffer.compare(expected, found) !== 0)
      for (let block = run.first; block < run.first + run.count; block++) {
        const at = (block - run.first) * BLOCK_BYTES;
        const differs = firstDifference(
          expected.subarray(at, at + BLOCK_BYTES),
          found.subarray(at, at + BLOCK_BYTES),
        );
        if (differs >= 0 && !tracker.touchedSince(block)) throw this.#mismatch(offset + at + differs);
      }
    tracker.vouch(run);
  }

  #mismatch(offset: number): CodedError {
    return new CodedError("block-mismatch", { disk: this.#options.disk, offset });
  }

  /** Says which side failed. Synchronous where the layer is. */
  #ask(side: "source-failed" | "target-failed", call: () => void | Promise<void>): void | Promise<void> {
    const wrap = (cause: unknown) =>
      new CodedError(side, { disk: this.#options.disk, phase: this.#options.phase() }, { cause });
    try {
      return call()?.catch((cause: unknown) => {
        throw wrap(cause);
      });
    } catch (cause) {
      throw wrap(cause);
    }
  }
}

/** The set blocks in pieces that one copy can take. */
function* runsOf(blocks: BlockBitmap, from = 0): Generator<Run> {
  const limit = COPY_BYTES / BLOCK_BYTES;
  for (
    let run = blocks.nextRun(from, limit);
    run !== undefined;
    run = blocks.nextRun(run.first + run.count, limit)
  )
    yield run;
}

/** Resolves when everything has run that waits for no I/O: copies between synchronous layers have ended. */
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Lets everything else that waits have its turn: I/O first, timers, then the next copy. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Cuts what was read into stretches to write and stretches to zero: called a hole, or found to be zero. */
function* pieces(
  bytes: Uint8Array,
  offset: number,
  holes: readonly { from: number; to: number }[],
): Generator<{ from: number; to: number; zero: boolean }> {
  let open: { from: number; to: number; zero: boolean } | undefined;
  for (let from = 0; from < bytes.length; ) {
    const hole = holes.find(({ to }) => to > offset + from);
    const inHole = hole !== undefined && hole.from <= offset + from;
    const edge = hole === undefined ? bytes.length : (inHole ? hole.to : hole.from) - offset;
    const to = Math.min(from + ZERO_PIECE_BYTES, edge, bytes.length);
    const zero = inHole || isZero(bytes.subarray(from, to));
    if (open !== undefined && open.zero === zero) open.to = to;
    else {
      if (open !== undefined) yield open;
      open = { from, to, zero };
    }
    from = to;
  }
  if (open !== undefined) yield open;
}
