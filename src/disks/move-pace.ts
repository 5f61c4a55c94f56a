import type { JsonObject, RoundStats } from "../contract/index.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { DecayingRate } from "./decaying-rate.ts";
import { FlushCost } from "./flush-cost.ts";
import { endMs, type Pace, pauseMs } from "./outlook.ts";

/** Rounds that are kept for the account. */
const ROUNDS_KEPT = 200;
/** What the bulk copy's rate counts as for scattered blocks, until more of those were copied. */
const BULK_COUNTS_BYTES = 64 * BLOCK_BYTES;
/** Times are measured to the microsecond. */
const LEAST_MS = 0.001;

/** What copying data is taken to achieve until some was copied, in bytes per second. */
const UNTRIED_PER_SECOND = 64 * 1024 * 1024;
/** So little among so many zeroes tells how long it takes to pass over those, and not how long data takes. */
const LITTLE_BYTES = 16 * 1024 * 1024;
const LITTLE_SHARE = 1 / 16;

/** The bulk copy's share of the percentage, and what being ready adds; the switch-over is the rest. */
const BULK_PERCENT = 95;
const READY_PERCENT = 4;

/** Where a move stands. */
export interface PaceInput {
  readonly phase: string;
  readonly ready: boolean;
  readonly blocks: number;
  /** Blocks that the bulk copy has not reached. */
  readonly bulkLeft: number;
  readonly dirtyBlocks: number;
  /** Blocks that the last round left out, for the guest writes them all the time. */
  readonly hotBlocks: number;
  readonly maxPauseMs: number;
  /** What a switch-over costs besides copying and flushing. */
  readonly fixedMs: number;
  readonly unflushedBytes: number;
  /** On the clock that `began` was told. */
  readonly nowMs: number;
}

/** How fast a move goes: measured round by round, and what follows from it. */
export class MovePace {
  readonly #rounds: RoundStats[] = [];
  readonly #copying = new DecayingRate();
  readonly #paced = new DecayingRate();
  readonly #dirtying = new DecayingRate();
  readonly flushCost = new FlushCost();
  #ended = 0;
  #bulkRate = 0;
  #bytesCopied = 0;
  #bytesZero = 0;
  #percent = 0;
  /** The round under way: when it began, and what had been moved until then. */
  #round: { readonly startedMs: number; readonly bytes: number } | undefined;

  get copied(): { readonly bytesCopied: number; readonly bytesZero: number } {
    return { bytesCopied: this.#bytesCopied, bytesZero: this.#bytesZero };
  }

  moved(bytes: number, zero: boolean): void {
    if (zero) this.#bytesZero += bytes;
    else this.#bytesCopied += bytes;
  }

  get rounds(): readonly RoundStats[] {
    return this.#rounds;
  }

  /** How many rounds have ended; more than are kept where there were many. */
  get count(): number {
    return this.#ended;
  }

  /** What predictions are made of. */
  measured({ fixedMs, unflushedBytes }: Pick<PaceInput, "fixedMs" | "unflushedBytes">): Pace {
    return {
      copying: this.#copying.perSecond,
      rounds: this.#paced.perSecond,
      bulk: this.#bulkRate,
      dirtying: this.#dirtying.perSecond,
      flush: this.flushCost,
      fixedMs,
      unflushed: unflushedBytes,
    };
  }

  began(startedMs: number): void {
    this.#round = { startedMs, bytes: this.#bytesCopied + this.#bytesZero };
  }

  /** `copyingMs` is what the round took without the waits that were imposed on it. */
  ended(round: RoundStats, copyingMs: number): void {
    this.#round = undefined;
    if (this.#rounds.length === ROUNDS_KEPT) this.#rounds.splice(1, 1);
    this.#rounds.push(round);
    this.#ended++;
    const roundMs = Math.max(round.durationMs, LEAST_MS);
    const alone = Math.max(copyingMs, LEAST_MS);
    // A round of nothing takes time too, and says nothing of copying.
    const copied = round.blocks > 0;
    if (round.kind === "bulk" && copied) this.#bulkEnded(round, roundMs, alone);
    else {
      if (copied) this.#copying.add(round.blocks * BLOCK_BYTES, alone);
      if (round.kind === "final") return;
      this.#paced.add(round.blocks * BLOCK_BYTES, roundMs);
      this.#dirtying.add(round.newDirtyBlocks * BLOCK_BYTES, roundMs);
    }
  }

  /**
   * Zeroes of the bulk copy cost next to nothing; what the guest has written since is data. A disk of little but zeroes
   * says nothing of copying data: taken for slow, a move would not converge; taken for fast, a move that waits would let the dirty blocks pile up.
   */
  #bulkEnded(round: RoundStats, roundMs: number, alone: number): void {
    const untried = Math.min(round.blocks * BLOCK_BYTES, (UNTRIED_PER_SECOND * alone) / 1000);
    const { bytesCopied, bytesZero } = round;
    const little = bytesCopied < LITTLE_BYTES && bytesCopied <= bytesZero * LITTLE_SHARE;
    const data = little ? Math.max(bytesCopied, untried) : bytesCopied;
    this.#copying.add(BULK_COUNTS_BYTES, (alone * BULK_COUNTS_BYTES) / data);
    this.#paced.add(BULK_COUNTS_BYTES, (roundMs * BULK_COUNTS_BYTES) / data);
    this.#bulkRate = ((round.blocks * BLOCK_BYTES) / roundMs) * 1000;
    // Writes ahead of the copy leave no mark: while it passes over the disk that is half of them.
    this.#dirtying.add(2 * round.newDirtyBlocks * BLOCK_BYTES, roundMs);
  }

  /** What callers see. The percentage never runs backwards: what the guest dirties again only moves the end. */
  progress(now: PaceInput): JsonObject {
    const dirty = now.dirtyBlocks * BLOCK_BYTES;
    const done = (now.blocks - now.bulkLeft) / now.blocks;
    this.#percent = Math.max(this.#percent, done * BULK_PERCENT + (now.ready ? READY_PERCENT : 0));
    const { copying, dirtying } = this.#rates(now, dirty);
    const pace = this.measured(now);
    const bulk = now.bulkLeft > 0 ? copying : pace.bulk;
    const at = { bulkLeft: now.bulkLeft * BLOCK_BYTES, dirty, size: now.blocks * BLOCK_BYTES };
    const end = endMs({ ...pace, bulk, dirtying, rounds: pace.rounds || bulk }, at, now.maxPauseMs);
    return {
      phase: now.phase,
      round: this.#ended,
      percent: Math.round(this.#percent * 10) / 10,
      ...this.copied,
      bytesPerSecond: Math.round(copying),
      dirtyBytes: dirty,
      dirtyBytesPerSecond: Math.round(dirtying),
      hotBytes: now.hotBlocks * BLOCK_BYTES,
      predictedPauseMs: Math.round(pauseMs(pace, dirty) * 10) / 10,
      predictedEndMs: end === undefined ? null : Math.round(end),
    };
  }

  /** In bytes per second: of the round under way, else of the last ones. */
  #rates({ nowMs, bulkLeft }: PaceInput, dirty: number): { copying: number; dirtying: number } {
    const round = this.#round;
    const known = { copying: this.#paced.perSecond, dirtying: this.#dirtying.perSecond };
    if (round === undefined || nowMs <= round.startedMs) return known;
    const seconds = (nowMs - round.startedMs) / 1000;
    const copying = (this.#bytesCopied + this.#bytesZero - round.bytes) / seconds;
    return { copying, dirtying: bulkLeft > 0 ? dirty / seconds : known.dirtying };
  }
}
