import { type Clock, CodedError, type JsonObject, type Layer, type RoundStats } from "../contract/index.ts";
import type { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { Copier } from "./copier.ts";
import type { CopyBrake } from "./copy-brake.ts";
import { MovePace } from "./move-pace.ts";
import type { Tracker } from "./tracker.ts";

export interface MoveRoundsOptions {
  /** The disk's name. */
  readonly disk: string;
  readonly sizeBytes: number;
  readonly source: Layer;
  readonly target: Layer;
  readonly tracker: Tracker;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly brake: CopyBrake;
}

const PHASES = { bulk: "copying", dirty: "converging", final: "stunned" } as const;

/** The rounds of one move: each copies a set of blocks, makes it durable and goes into the account. */
export class MoveRounds {
  readonly pace = new MovePace();
  phase: "copying" | "converging" | "ready" | "stunned" = "copying";
  readonly #options: MoveRoundsOptions;
  readonly #copier: Copier;
  #bulkLeftBytes: number;
  #fresh = true;

  constructor(options: MoveRoundsOptions) {
    this.#options = options;
    this.#copier = new Copier({ ...options, phase: () => this.phase });
    this.#bulkLeftBytes = options.sizeBytes;
  }

  /** `proceed` is asked between copies; what it throws ends the round. */
  async copy(blocks: BlockBitmap, kind: RoundStats["kind"], proceed: () => void): Promise<RoundStats> {
    const { tracker, clock, signal } = this.#options;
    const before = { dirty: tracker.dirty.count, ...this.pace.copied };
    const startedMs = clock.monotonicMs();
    this.phase = PHASES[kind];
    this.pace.began(startedMs);
    // Only where nothing was ever written at the target can what is zero be left out.
    const fresh = kind === "bulk" && this.#fresh;
    this.#fresh = false;
    await this.#copier.copy(blocks, {
      fresh,
      braked: kind !== "final",
      signal,
      proceed,
      copied: (bytes, zero) => {
        this.pace.moved(bytes, zero);
        if (fresh) this.#bulkLeftBytes -= bytes;
      },
    });
    const after = this.pace.copied;
    const round: RoundStats = {
      round: this.pace.count,
      kind,
      blocks: blocks.count,
      bytesCopied: after.bytesCopied - before.bytesCopied,
      bytesZero: after.bytesZero - before.bytesZero,
      durationMs: clock.monotonicMs() - startedMs,
      newDirtyBlocks: Math.max(0, tracker.dirty.count - before.dirty),
    };
    this.pace.ended(round);
    // What flushing a whole bulk copy takes says nothing about flushing the last few blocks; a second flush does.
    if (kind === "bulk") await this.#syncTarget();
    if (kind !== "final") await this.flush();
    return round;
  }

  /** Only while the guest is held: reads the blocks on both sides; `block-mismatch` where they differ. */
  compare(blocks: BlockBitmap, proceed: () => void): Promise<void> {
    return this.#copier.compare(blocks, proceed);
  }

  /** Makes durable what was copied; how long that takes now is how long it may take in the stun. */
  async flush(): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    await this.#syncTarget();
    this.pace.flushed(this.#options.clock.monotonicMs() - startedMs);
  }

  async #syncTarget(): Promise<void> {
    const { disk, target } = this.#options;
    try {
      await target.flush();
    } catch (cause) {
      throw new CodedError("target-failed", { disk, phase: this.phase }, { cause });
    }
  }

  /** `reserveMs` is what a switch-over costs besides copying. */
  progress(ready: boolean, reserveMs: number): JsonObject {
    const { blocks, dirty } = this.#options.tracker;
    return this.pace.progress({
      phase: this.phase,
      ready,
      blocks,
      bulkLeft: Math.ceil(this.#bulkLeftBytes / BLOCK_BYTES),
      dirtyBlocks: dirty.count,
      reserveMs,
      nowMs: this.#options.clock.monotonicMs(),
    });
  }
}
