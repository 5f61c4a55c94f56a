import type { Clock, Layer } from "../contract/index.ts";
import type { BlockBitmap } from "./block-bitmap.ts";
import type { CopyBrake } from "./copy-brake.ts";
import { CopySlots } from "./copy-buffers.ts";
import { CopyTurns, drained, turn } from "./copy-turns.ts";
import { Flight } from "./flight.ts";
import { FIRST_BLOCKS, HoleWalk } from "./hole-walk.ts";
import { PieceCopier, type PieceOptions } from "./piece-copier.ts";
import { Sides } from "./sides.ts";
import type { Tracker } from "./tracker.ts";

/** Copies in flight at once, where source or target need time to answer. */
const COPIES_IN_FLIGHT = 8;
/** Marks that are set again at one go. */
const MARKS_PER_TURN = 1000;

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
export interface CopyOptions extends PieceOptions {
  readonly signal: AbortSignal;
  /** Asked between copies; what it throws ends the copying once nothing is in flight. */
  readonly proceed: () => void;
  /** Whether the brake holds for these blocks. */
  readonly braked: boolean;
}

/**
 * Copies blocks from source to target and reads them back, or passes over what both call a hole where their word can
 * be taken. A block's mark is cleared before its extents are asked for and before it is read, so that a write that
 * lands meanwhile marks it again. At most one copy of a block is in flight. What the layers answer at once is
 * copied at once, with turns for everybody else in between.
 */
export class Copier {
  readonly #options: CopierOptions;
  readonly #slots = new CopySlots();
  readonly #sides: Sides;
  readonly #pieces: PieceCopier;
  readonly #walk: HoleWalk;

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#sides = new Sides(options);
    this.#pieces = new PieceCopier(this.#sides, options.tracker);
    this.#walk = new HoleWalk(this.#sides, options.tracker, options.sizeBytes);
  }

  /** Rejects with the first failure, when nothing is in flight any more; failed blocks are dirty again. */
  async copy(blocks: BlockBitmap, options: CopyOptions): Promise<void> {
    const { tracker, clock } = this.#options;
    const flight = new Flight(COPIES_IN_FLIGHT);
    const turns = new CopyTurns(clock);
    let reached = 0;
    if (blocks.count === tracker.blocks) tracker.sweep();
    tracker.copies(blocks);
    try {
      if (options.braked) await this.#owed(turns, options.signal);
      for (let run = blocks.nextRun(0, blocks.blocks); run !== undefined; ) {
        const end = run.first + run.count;
        const walks = this.#sides.exact && run.count >= FIRST_BLOCKS;
        let known = run.first;
        for (reached = run.first; reached < end; ) {
          options.signal.throwIfAborted();
          options.proceed();
          let read = 0;
          let waited = walks && reached >= known;
          if (waited) {
            const ahead = await this.#walk.look({ first: reached, count: end - reached }, options);
            reached += ahead.holes;
            known = reached + ahead.data;
          } else {
            read = Math.min(turns.pieceBlocks, (known > reached ? known : end) - reached);
            const pending = this.#copyPiece(reached, read, options);
            reached += read;
            if (pending !== undefined) {
              flight.add(pending);
              await drained();
              waited = !flight.empty;
            }
          }
          if (turns.due(read, waited)) await this.#rest(turn(), { turns, flight, options });
          if (flight.full) await this.#rest(flight.room(), { turns, flight, options });
          flight.check();
        }
        run = blocks.nextRun(reached, blocks.blocks);
      }
    } catch (error) {
      flight.fail(error);
    }
    await this.#rest(flight.end(), { turns, flight, options, last: true });
    tracker.endSweep();
    tracker.copies(undefined);
    try {
      flight.check();
      // Also where the last of the blocks was under way already: whoever copies must not take it for the end of a round.
      options.signal.throwIfAborted();
    } catch (error) {
      await this.#remark(blocks, reached);
      throw error;
    }
  }

  /** Compares the blocks on both sides and vouches for those that are equal. Only while the guest is held. */
  async compare(blocks: BlockBitmap, proceed: () => void): Promise<void> {
    const { sizeBytes, tracker, clock } = this.#options;
    const turns = new CopyTurns(clock);
    const slot = this.#slots.take();
    for (let run = blocks.nextRun(0, turns.pieceBlocks); run !== undefined; ) {
      proceed();
      slot.aim(run.first, run.count, sizeBytes);
      const source = this.#sides.readSource(slot.offset, slot.source);
      if (source !== undefined) await source;
      const target = this.#sides.readTarget(slot.offset, slot.readBack);
      if (target !== undefined) await target;
      // The guest may have been let go, and have written, while the two were read: that is no mismatch.
      proceed();
      if (!slot.equal) throw this.#sides.mismatch(slot.difference);
      tracker.vouch(run);
      const waited = source !== undefined || target !== undefined;
      if (turns.due(run.count, waited)) {
        await turn();
        turns.resume();
      }
      run = blocks.nextRun(run.first + run.count, turns.pieceBlocks);
    }
    this.#slots.give(slot);
  }

  #copyPiece(first: number, count: number, options: PieceOptions): void | Promise<void> {
    const slot = this.#slots.take();
    slot.aim(first, count, this.#options.sizeBytes);
    const failed = (error: unknown): never => {
      this.#options.tracker.failed({ first, count });
      throw error;
    };
    try {
      const pending = this.#pieces.copy(slot, options);
      if (pending !== undefined) return pending.then(() => this.#slots.give(slot), failed);
    } catch (error) {
      failed(error);
    }
    // Given back only when it went well: after a failure a store may still be using its buffers.
    this.#slots.give(slot);
  }

  /** Others get their turn; what copies wait for meanwhile is their time, what the guest takes is not. */
  async #rest(
    until: Promise<void>,
    {
      turns,
      flight,
      options: { braked, signal },
      last = false,
    }: { turns: CopyTurns; flight: Flight; options: CopyOptions; last?: boolean },
  ): Promise<void> {
    const { brake } = this.#options;
    const { ms, bytes } = turns.pause();
    const waiting = !flight.empty;
    await until;
    const pausedMs = turns.resume();
    const waitedMs = waiting ? pausedMs : 0;
    if (!braked) return brake.tookFree(ms + waitedMs);
    brake.moved(bytes);
    brake.took(ms, waitedMs);
    // Nothing follows: what is owed is waited for before the next set of blocks, if there is one.
    if (!last) await this.#owed(turns, signal);
  }

  /** Waits until copying is within its budgets. */
  async #owed(turns: CopyTurns, signal: AbortSignal): Promise<void> {
    const held = this.#options.brake.wait(signal);
    if (held === undefined) return;
    await held;
    turns.resume();
  }

  /** What was not reached is still to be copied. */
  async #remark(blocks: BlockBitmap, from: number): Promise<void> {
    let marks = 0;
    for (let run = blocks.nextRun(from, blocks.blocks); run !== undefined; ) {
      this.#options.tracker.failed(run);
      if (++marks % MARKS_PER_TURN === 0) await turn();
      run = blocks.nextRun(run.first + run.count, blocks.blocks);
    }
  }
}
