import {
  type BlockSet,
  type Clock,
  CodedError,
  type DiskMove,
  type JsonObject,
  type Layer,
  type MigrationStrategy,
  type MoveBudgets,
  type RoundStats,
  type Verification,
} from "../contract/index.ts";
import { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { CopyBrake, type CopyLimits } from "./copy-brake.ts";
import type { Disk } from "./disk.ts";
import { HeatFilter } from "./heat-filter.ts";
import { MoveRounds } from "./move-rounds.ts";
import { notConverging } from "./not-converging.ts";
import { fittingBytes, type Pace, pauseMs } from "./outlook.ts";
import { SwitchAttempt, type Verdict } from "./switch-attempt.ts";
import { SwitchDialogue } from "./switch-dialogue.ts";
import { Tracker } from "./tracker.ts";

/** What a commit costs until one has been measured, and the seam between the planes with it. */
const SEAM_MS = 1;

const PHASES = { bulk: "copying", dirty: "converging", final: "stunned" } as const;

/** Numbers of blocks have 32 bits. */
const LARGEST_BYTES = 2 ** 32 * BLOCK_BYTES;

/** While a switch-over waits for a round: guests of other disks may be held for it. */
const UNLIMITED: CopyLimits = { guestImpact: 100 };

export interface MoveOptions {
  readonly disk: Disk;
  readonly target: Layer;
  readonly strategy: MigrationStrategy;
  readonly budgets: MoveBudgets;
  readonly verify: Verification["mode"];
  /** What the owner record's transaction is expected to take. */
  readonly commitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onReady: (ready: boolean) => void;
  readonly onStunned: () => void;
}

/** The account of a move that has ended well. */
export interface MoveResult {
  readonly rounds: readonly RoundStats[];
  readonly bytesCopied: number;
  readonly bytesZero: number;
  /** The longest hold of the guest. */
  readonly pauseMs: number;
  /** All holds together. */
  readonly pausesMs: number;
  readonly attempts: number;
  /** What the hold was expected to take when the disk last became ready. */
  readonly predictedPauseMs: number;
  readonly verification: Verification;
}

/** What is answered when the target is equal and durable and the guest is held. */
export interface EqualAnswer {
  /** The account as it will be, but for the rest of this hold. */
  readonly result: MoveResult;
  /** How long the guest has been held so far. */
  readonly heldMs: number;
}

/** One disk's move in its own thread: what strategies see, and the disk's half of the one switch-over. */
export class Move implements DiskMove {
  readonly disk: string;
  readonly sizeBytes: number;
  readonly blockBytes = BLOCK_BYTES;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly #options: MoveOptions;
  readonly #tracker: Tracker;
  readonly #rounds: MoveRounds;
  #budgets: MoveBudgets;
  /** What a strategy has begun, also where it didn't wait for it. */
  readonly #underWay = new Map<"copy" | "flush" | "switch-over", Promise<unknown>>();
  readonly #dialogue: SwitchDialogue<EqualAnswer>;
  #attempt: SwitchAttempt | undefined;
  #settling = new AbortController();
  #attempts = 0;
  #pauses: number[] = [];
  #drainMs = 0;
  #predictedPauseMs = 0;
  #verification: Verification | undefined;

  constructor(options: MoveOptions) {
    const { disk, target, clock, signal, budgets } = options;
    if (disk.sizeBytes > LARGEST_BYTES)
      throw new CodedError("disk-too-large-to-move", {
        disk: disk.name,
        sizeBytes: disk.sizeBytes,
        largestBytes: LARGEST_BYTES,
      });
    this.#options = options;
    this.disk = disk.name;
    this.sizeBytes = disk.sizeBytes;
    this.clock = clock;
    this.signal = signal;
    this.#budgets = budgets;
    const heat = new HeatFilter(clock);
    this.#tracker = new Tracker(disk.sizeBytes, heat);
    this.#dialogue = new SwitchDialogue(this.#exceeded(), options.onReady);
    this.#rounds = new MoveRounds({
      disk: disk.name,
      sizeBytes: disk.sizeBytes,
      source: disk.active,
      target,
      tracker: this.#tracker,
      heat,
      clock,
      signal,
      brake: new CopyBrake(
        clock,
        () => (this.switchRequested ? UNLIMITED : this.#budgets),
        () => disk.requests,
      ),
    });
  }

  /** Resolves when the guest is at the target. However it ends, nothing of it is in flight and the guest is not held. */
  async run(): Promise<MoveResult> {
    const { disk, signal } = this.#options;
    const cancel = () => {
      this.#attempt?.abandon(signal.reason);
      this.#settling.abort();
    };
    signal.addEventListener("abort", cancel);
    disk.track(this.#tracker);
    try {
      return this.#result(await this.#runStrategy(), 0);
    } catch (error) {
      this.#dialogue.refuse(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
      disk.untrack(this.#tracker);
    }
  }

  /** The verdict is where the guest is, whatever the strategy says of itself. */
  async #runStrategy(): Promise<Verification> {
    const { strategy, signal } = this.#options;
    let failure: unknown;
    try {
      signal.throwIfAborted();
      await strategy.run(this);
    } catch (error) {
      failure = error;
      this.#attempt?.abandon(error);
    }
    await Promise.allSettled(this.#underWay.values());
    await this.#rounds.idle();
    if (this.#verification !== undefined) return this.#verification;
    const reason = `the strategy ${strategy.id} ended before the switch-over`;
    throw failure ?? new CodedError("internal", { reason });
  }

  // What strategies see.

  get budgets(): MoveBudgets {
    return this.#budgets;
  }

  get dirtyBlocks(): number {
    return this.#tracker.dirty.count;
  }

  fittingBlocks(pauseMs: number, { flushed }: { readonly flushed?: boolean } = {}): number {
    const pace = this.#pace;
    return Math.floor(fittingBytes(flushed ? { ...pace, unflushed: 0 } : pace, pauseMs) / BLOCK_BYTES);
  }

  notConverging(): CodedError {
    return notConverging({
      disk: this.disk,
      pace: this.#pace,
      dirtyBytes: this.dirtyBlocks * BLOCK_BYTES,
      budgets: this.#budgets,
      heldMs: this.#pauses,
    });
  }

  all(): BlockSet {
    return this.#all();
  }

  harvest(): BlockSet {
    return this.#tracker.dirty.take();
  }

  copy(
    blocks: BlockSet,
    kind: RoundStats["kind"],
    { leaveHot }: { readonly leaveHot?: number } = {},
  ): Promise<RoundStats> {
    const proceed = () => this.#attempt?.check();
    // A disk that is ready stays it while it keeps its target near.
    if (kind !== "dirty" || !this.#dialogue.ready) this.#rounds.phase = PHASES[kind];
    return this.#once("copy", () => this.#rounds.copy(blocks as BlockBitmap, { kind, leaveHot }, proceed));
  }

  flush(): Promise<void> {
    return this.#once("flush", () => this.#rounds.flush());
  }

  announce(ready: boolean): void {
    if (!ready) {
      this.#dialogue.refuse(this.#exceeded());
      return;
    }
    this.#rounds.phase = "ready";
    if (!this.#dialogue.ready) this.#predictedPauseMs = pauseMs(this.#pace, this.dirtyBlocks * BLOCK_BYTES);
    this.#dialogue.announceReady();
  }

  get switchRequested(): boolean {
    return this.#dialogue.requested;
  }

  async settle(ms: number): Promise<void> {
    this.signal.throwIfAborted();
    this.#settling = new AbortController();
    await this.clock.sleep(ms, this.#settling.signal).catch(() => undefined);
    this.signal.throwIfAborted();
  }

  switchOver(finish: () => Promise<void>): Promise<"switched" | "released"> {
    return this.#once("switch-over", () => this.#switchOver(finish));
  }

  async #switchOver(finish: () => Promise<void>): Promise<"switched" | "released"> {
    if (!this.switchRequested)
      throw new CodedError("internal", { reason: "a strategy switched over without being asked" });
    const { disk, clock } = this.#options;
    const attempt = new SwitchAttempt({
      gate: disk.gate,
      clock,
      maxPauseMs: this.#budgets.maxPauseMs,
      disk: this.disk,
    });
    this.#attempt = attempt;
    this.#attempts++;
    // A copy that hangs must not keep the engine from learning that the guest went on.
    attempt.over.catch((reason: unknown) => this.#dialogue.refuse(reason));
    try {
      await attempt.hold();
      this.#options.onStunned();
      await finish();
      const verification = await this.#prove(attempt);
      await this.#rounds.flush();
      attempt.equal();
      this.#dialogue.answer({ result: this.#result(verification, attempt.heldMs), heldMs: attempt.heldMs });
      if ((await attempt.verdict) === "swap") {
        this.#verification = verification;
        return "switched";
      }
    } catch (error) {
      attempt.abandon(error);
      if (!CodedError.is(error, "pause-budget-exceeded")) throw error;
    } finally {
      this.#pauses.push(attempt.pauseMs);
      this.#drainMs = attempt.drainMs;
      this.#attempt = undefined;
    }
    this.#dialogue.refuse(this.#exceeded());
    this.#rounds.phase = "converging";
    if (this.#attempts >= this.#budgets.maxAttempts) throw this.notConverging();
    return "released";
  }

  // What the control plane asks for.

  /** Resolves when the guest is held and the target is equal and durable; rejects when this attempt came to nothing. */
  requestSwitch(): Promise<EqualAnswer> {
    const answer = this.#dialogue.ask();
    this.#settling.abort();
    return answer;
  }

  /** After `requestSwitch` resolved: the engine's decision. Before: gives up this attempt. Answers the pause. */
  decide(verdict: Verdict): number {
    const attempt = this.#attempt;
    if (attempt === undefined) {
      this.#dialogue.refuse(this.#exceeded());
      return 0;
    }
    attempt.decide(verdict, () => {
      if (verdict !== "swap") return;
      this.#options.disk.untrack(this.#tracker);
      this.#options.disk.swap(this.#options.target);
    });
    return attempt.pauseMs;
  }

  /** The budgets from now on, all of them: a limit that is left out is lifted. An attempt under way keeps its pause. */
  adjust(budgets: MoveBudgets): void {
    this.#budgets = budgets;
    this.#settling.abort();
  }

  progress(): JsonObject {
    return this.#rounds.progress({
      ready: this.#dialogue.ready,
      maxPauseMs: this.#budgets.maxPauseMs,
      fixedMs: this.#fixedMs,
    });
  }

  #all(): BlockBitmap {
    const all = new BlockBitmap(this.#tracker.blocks);
    all.set(0, all.blocks);
    return all;
  }

  get #pace(): Pace {
    const { pace, unflushedBytes } = this.#rounds;
    return pace.measured({ fixedMs: this.#fixedMs, unflushedBytes });
  }

  get #fixedMs(): number {
    return this.#drainMs + this.#options.commitMs + SEAM_MS;
  }

  /** Every block is vouched for, or is read on both sides now. */
  async #prove(attempt: SwitchAttempt): Promise<Verification> {
    const { unproven, blocks } = this.#tracker;
    const mode = this.#options.verify;
    const compared = mode === "full" ? blocks : unproven.count;
    await this.#rounds.compare(mode === "full" ? this.#all() : unproven, () => attempt.check());
    const { holeBlocks } = this.#tracker;
    const readBackBlocks = blocks - compared - holeBlocks;
    return { equal: true, mode, readBackBlocks, holeBlocks, comparedBlocks: compared };
  }

  /** One at a time, so that no block is in flight twice; `run` waits for its end whether or not the strategy does. */
  #once<T>(what: "copy" | "flush" | "switch-over", work: () => Promise<T>): Promise<T> {
    if (this.#underWay.has(what))
      return Promise.reject(
        new CodedError("internal", { reason: `a strategy began a second ${what} while one was under way` }),
      );
    const running = work().finally(() => this.#underWay.delete(what));
    running.catch(() => undefined);
    this.#underWay.set(what, running);
    return running;
  }

  #exceeded(): CodedError {
    return new CodedError("pause-budget-exceeded", {
      disk: this.disk,
      maxPauseMs: this.#budgets.maxPauseMs,
    });
  }

  #result(verification: Verification, heldMs: number): MoveResult {
    const pauses = [...this.#pauses, heldMs];
    return {
      rounds: this.#rounds.pace.rounds,
      ...this.#rounds.pace.copied,
      pauseMs: Math.max(...pauses),
      pausesMs: pauses.reduce((sum, pause) => sum + pause, 0),
      attempts: this.#attempts,
      predictedPauseMs: this.#predictedPauseMs,
      verification,
    };
  }
}
