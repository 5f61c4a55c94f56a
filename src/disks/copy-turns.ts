import type { Clock } from "../contract/index.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { COPY_BYTES } from "./copy-buffers.ts";

/** Copying goes on for this long, or as many bytes as one large piece has, before everybody else has a turn. */
const TURN_MS = 0.25;
/** A piece that took longer is too large for this machine; one that took a quarter of it may be larger again. */
const LONG_PIECE_MS = 0.5;
const SMALLEST_PIECE_BLOCKS = 8;
const LARGEST_PIECE_BLOCKS = COPY_BYTES / BLOCK_BYTES;

/**
 * Keeps copying from holding the event loop: the guest's requests come in between. How large a piece may be follows
 * from how long the last ones took.
 */
export class CopyTurns {
  readonly #clock: Clock;
  #fromMs: number;
  #seenMs: number;
  #bytes = 0;
  #pieceBlocks = LARGEST_PIECE_BLOCKS;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#fromMs = clock.monotonicMs();
    this.#seenMs = this.#fromMs;
  }

  get pieceBlocks(): number {
    return this.#pieceBlocks;
  }

  /** Whether it is the others' turn, now that so many blocks were read at one go; `waited`: not all of it at once. */
  due(blocks: number, waited: boolean): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (!waited) this.#fit(blocks, nowMs - this.#seenMs);
    this.#seenMs = nowMs;
    this.#bytes += blocks * BLOCK_BYTES;
    return this.#bytes >= COPY_BYTES || nowMs - this.#fromMs >= TURN_MS;
  }

  /** Ends a stretch of copying: how long it has held the event loop, and how much it has read. */
  pause(): { readonly ms: number; readonly bytes: number } {
    const fromMs = this.#fromMs;
    this.#fromMs = this.#clock.monotonicMs();
    return { ms: this.#fromMs - fromMs, bytes: this.#bytes };
  }

  /** Begins the next one; answers for how many milliseconds others had the event loop. */
  resume(): number {
    const pausedMs = this.#fromMs;
    this.#fromMs = this.#clock.monotonicMs();
    this.#seenMs = this.#fromMs;
    this.#bytes = 0;
    return this.#fromMs - pausedMs;
  }

  #fit(blocks: number, tookMs: number): void {
    if (tookMs > LONG_PIECE_MS) this.#pieceBlocks = Math.max(this.#pieceBlocks / 2, SMALLEST_PIECE_BLOCKS);
    else if (blocks === this.#pieceBlocks && tookMs < LONG_PIECE_MS / 4)
      this.#pieceBlocks = Math.min(this.#pieceBlocks * 2, LARGEST_PIECE_BLOCKS);
  }
}

/** Resolves when everything has run that waits for no I/O: copies between layers that answer at once have ended. */
export const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Lets everything else that waits have its turn: I/O first, timers, then the next copy. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
