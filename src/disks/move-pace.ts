import type { JsonObject, RoundStats } from "../contract/index.ts";
import { BLOCK_BYTES } from "./blocks.ts";

/** A round over fewer blocks than this says nothing about the rate of copying. */
const TELLING_BLOCKS = 16;
/** Rounds that are kept for the account. */
const ROUNDS_KEPT = 200;

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
  /** What a switch-over costs besides copying. */
  readonly reserveMs: number;
  /** On the clock that `began` was told. */
  readonly nowMs: number;
}

/** How fast a move goes: measured round by round, and what follows from it. */
export class MovePace {
  readonly #rounds: RoundStats[] = [];
  #ended = 0;
  #copyRate = 0;
  #dirtyRate = 0;
  #flushMs = 0;
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

  /** Bytes per second. */
  get copyRate(): number {
    return this.#copyRate;
  }

  /** Bytes that the guest made dirty per second, over the last round. */
  get dirtyRate(): number {
    return this.#dirtyRate;
  }

  /** What a flush of the target is expected to take. */
  get flushMs(): number {
    return this.#flushMs;
  }

  began(startedMs: number): void {
    this.#round = { startedMs, bytes: this.#bytesCopied + this.#bytesZero };
  }

  ended(round: RoundStats): void {
    this.#round = undefined;
    if (this.#rounds.length === ROUNDS_KEPT) this.#rounds.splice(1, 1);
    this.#rounds.push(round);
    this.#ended++;
    const seconds = Math.max(round.durationMs, 0.001) / 1000;
    // Zeroes of the bulk copy cost next to nothing; what the guest has written since is data, and scattered.
    const data = round.kind === "bulk" ? round.bytesCopied : round.blocks * BLOCK_BYTES;
    if (data >= TELLING_BLOCKS * BLOCK_BYTES) this.#copyRate = data / seconds;
    else if (this.#copyRate === 0) this.#copyRate = (round.blocks * BLOCK_BYTES) / seconds;
    this.#dirtyRate = (round.newDirtyBlocks * BLOCK_BYTES) / seconds;
  }

  /** The first flushes of a round carry its data; the last value seen is what the next small one may take. */
  flushed(ms: number): void {
    this.#flushMs = ms < this.#flushMs ? (this.#flushMs + ms) / 2 : ms;
  }

  /** Milliseconds to copy so many bytes. */
  msFor(bytes: number): number {
    return this.#copyRate === 0 ? 0 : (bytes / this.#copyRate) * 1000;
  }

  /** What callers see. The percentage never runs backwards: what the guest dirties again only moves the end. */
  progress(now: PaceInput): JsonObject {
    const dirtyBytes = now.dirtyBlocks * BLOCK_BYTES;
    const done = (now.blocks - now.bulkLeft) / now.blocks;
    this.#percent = Math.max(this.#percent, done * BULK_PERCENT + (now.ready ? READY_PERCENT : 0));
    const { copying, dirtying } = this.#rates(now, dirtyBytes);
    const leftMs = copying === 0 ? 0 : ((now.bulkLeft * BLOCK_BYTES + dirtyBytes) / copying) * 1000;
    return {
      phase: now.phase,
      round: this.#ended,
      percent: Math.round(this.#percent * 10) / 10,
      ...this.copied,
      bytesPerSecond: Math.round(copying),
      dirtyBytes,
      dirtyBytesPerSecond: Math.round(dirtying),
      predictedPauseMs: Math.round((now.reserveMs + this.msFor(dirtyBytes)) * 10) / 10,
      predictedEndMs: Math.round(now.reserveMs + leftMs),
    };
  }

  /** In bytes per second: of the round under way, else of the last one. */
  #rates({ nowMs }: PaceInput, dirtyBytes: number): { copying: number; dirtying: number } {
    const round = this.#round;
    if (round === undefined || nowMs <= round.startedMs)
      return { copying: this.#copyRate, dirtying: this.#dirtyRate };
    const seconds = (nowMs - round.startedMs) / 1000;
    return {
      copying: (this.#bytesCopied + this.#bytesZero - round.bytes) / seconds,
      dirtying: dirtyBytes / seconds,
    };
  }
}
