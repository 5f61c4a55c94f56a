import { type Clock, CodedError, type JsonObject, type Layer, type RoundStats } from "../contract/index.ts";
import type { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { Copier } from "./copier.ts";
import type { CopyBrake } from "./copy-brake.ts";
import type { HeatFilter } from "./heat-filter.ts";
import { leaveHottest } from "./hot-blocks.ts";
import { MovePace, type PaceInput } from "./move-pace.ts";
import type { Pace } from "./outlook.ts";
import { TargetFlushes } from "./target-flushes.ts";
import type { Tracker } from "./tracker.ts";

export interface MoveRoundsOptions {
  /** The disk's name. */
  readonly disk: string;
  readonly sizeBytes: number;
  readonly source: Layer;
  readonly target: Layer;
  readonly tracker: Tracker;
  readonly heat: HeatFilter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly brake: CopyBrake;
  /** The target holds something already. */
  readonly resume?: boolean | undefined;
  /** What holding the guest costs besides copying and flushing, as far as it is known. */
  readonly fixedMs: () => number;
}

/** The rounds of one move: each copies a set of blocks and goes into the account. */
export class MoveRounds {
  readonly pace = new MovePace();
  phase: "copying" | "converging" | "ready" | "stunned" = "copying";
  readonly #options: MoveRoundsOptions;
  readonly #copier: Copier;
  readonly #flushes: TargetFlushes;
  #bulkLeftBytes: number;
  #first = true;
  /** Blocks that the last round left out. */
  #hotBlocks = 0;

  constructor(options: MoveRoundsOptions) {
    this.#options = options;
    this.#copier = new Copier({ ...options, phase: () => this.phase });
    this.#flushes = new TargetFlushes({
      clock: options.clock,
      flush: () => this.#flushTarget(),
      cost: this.pace.flushCost,
    });
    this.#bulkLeftBytes = options.sizeBytes;
  }

  /** `proceed` is asked between copies; what it throws ends the round. At most `leaveHot` of the hottest blocks stay dirty. */
  async copy(
    blocks: BlockBitmap,
    { kind, leaveHot = 0 }: { kind: RoundStats["kind"]; leaveHot?: number | undefined },
    proceed: () => void,
  ): Promise<RoundStats> {
    const { tracker, clock, signal, brake, heat, resume } = this.#options;
    const harvested = blocks.count;
    if (leaveHot > 0)
      await leaveHottest(blocks, leaveHot, { filter: heat, clock, left: (block) => tracker.mark(block, 1) });
    this.#hotBlocks = harvested - blocks.count;
    const before = { dirty: tracker.dirty.count, copyingMs: brake.copyingMs, ...this.pace.copied };
    const startedMs = clock.monotonicMs();
    this.pace.began(startedMs);
    // Only where nothing was ever written at the target can what is zero be left out.
    const first = kind === "bulk" && this.#first;
    this.#first = false;
    const fresh = first && resume !== true;
    await this.#copier.copy(blocks, {
      fresh,
      braked: kind !== "final",
      signal,
      proceed: () => {
        proceed();
        this.#flushes.spill();
      },
      copied: (bytes, zero) => {
        this.pace.moved(bytes, zero);
        // Zeroes of what holds nothing yet aren't written.
        if (!zero || !fresh) this.#flushes.wrote(zero ? 0 : bytes);
        if (first) this.#bulkLeftBytes -= bytes;
      },
      ...(first &&
        resume && {
          found: (bytes: number) => {
            this.#bulkLeftBytes -= bytes;
          },
        }),
    });
    // What follows is scattered: the bytes that were written in order say little of what those take.
    if (kind === "bulk") this.pace.flushCost.fade();
    const after = this.pace.copied;
    const round: RoundStats = {
      round: this.pace.count,
      kind,
      blocks: blocks.count,
      hotBlocks: this.#hotBlocks,
      bytesCopied: after.bytesCopied - before.bytesCopied,
      bytesZero: after.bytesZero - before.bytesZero,
      durationMs: clock.monotonicMs() - startedMs,
      newDirtyBlocks: Math.max(0, tracker.dirty.count - before.dirty),
    };
    this.pace.ended(round, brake.copyingMs - before.copyingMs);
    return round;
  }

  /** Only while the guest is held: reads the blocks on both sides; `block-mismatch` where they differ. */
  compare(blocks: BlockBitmap, proceed: () => void): Promise<void> {
    return this.#copier.compare(blocks, proceed);
  }

  /** What predictions are made of. */
  get measured(): Pace {
    return this.pace.measured({
      fixedMs: this.#options.fixedMs(),
      unflushedBytes: this.#flushes.unflushedBytes,
    });
  }

  /** Makes durable what was copied so far. */
  flush(): Promise<void> {
    return this.#flushes.flush();
  }

  /** Resolves when no flush is under way. */
  idle(): Promise<void> {
    return this.#flushes.idle();
  }

  progress(now: Pick<PaceInput, "ready" | "maxPauseMs">): JsonObject {
    const { tracker, clock, fixedMs } = this.#options;
    return this.pace.progress({
      ...now,
      phase: this.phase,
      blocks: tracker.blocks,
      bulkLeft: Math.ceil(this.#bulkLeftBytes / BLOCK_BYTES),
      dirtyBlocks: tracker.dirty.count,
      hotBlocks: this.#hotBlocks,
      fixedMs: fixedMs(),
      unflushedBytes: this.#flushes.unflushedBytes,
      nowMs: clock.monotonicMs(),
    });
  }

  async #flushTarget(): Promise<void> {
    const { disk, target } = this.#options;
    try {
      await target.flush();
    } catch (cause) {
      throw new CodedError("target-failed", { disk, phase: this.phase }, { cause });
    }
  }
}
