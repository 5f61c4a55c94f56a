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
import { Copier } from "./copier.ts";
import { type Deferred, deferred } from "./deferred.ts";
import type { Disk } from "./disk.ts";
import { MovePace } from "./move-pace.ts";
import { type EqualAnswer, SwitchAttempt, type Verdict } from "./switch-attempt.ts";
import { Tracker } from "./tracker.ts";

/** What a commit costs until one has been measured, and the seam between the planes with it. */
const SEAM_MS = 1;

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
  readonly verification: Verification;
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
  readonly #copier: Copier;
  readonly #pace = new MovePace();
  #budgets: MoveBudgets;
  #phase = "copying";
  #bulkLeft: number;
  #attempt: SwitchAttempt | undefined;
  #request: Deferred<EqualAnswer> | undefined;
  #changed = deferred<void>();
  #ready = false;
  #attempts = 0;
  #pauses: number[] = [];
  #verification: Verification | undefined;

  constructor(options: MoveOptions) {
    const { disk, target, clock, signal, budgets } = options;
    this.#options = options;
    this.disk = disk.name;
    this.sizeBytes = disk.sizeBytes;
    this.clock = clock;
    this.signal = signal;
    this.#budgets = budgets;
    this.#tracker = new Tracker(disk.sizeBytes);
    this.#bulkLeft = this.#tracker.blocks;
    this.#copier = new Copier({
      disk: disk.name,
      sizeBytes: disk.sizeBytes,
      source: disk.active,
      target,
      tracker: this.#tracker,
      clock,
      bytesPerSecond: () => this.#budgets.maxBytesPerSecond,
    });
  }

  /** Resolves when the guest is at the target. However it ends, nothing of it is in flight and the guest is not held. */
  async run(): Promise<MoveResult> {
    const { disk, strategy, signal } = this.#options;
    const cancel = () => {
      this.#attempt?.abandon(signal.reason);
      this.#wake();
    };
    signal.addEventListener("abort", cancel);
    disk.track(this.#tracker);
    try {
      await strategy.run(this);
      if (this.#verification === undefined)
        throw new CodedError("internal", {
          reason: `the strategy ${strategy.id} ended before the switch-over`,
        });
      return this.#result(this.#verification);
    } catch (error) {
      this.#attempt?.abandon(error);
      this.#request?.reject(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
      disk.track(undefined);
    }
  }

  // What strategies see.

  get budgets(): MoveBudgets {
    return this.#budgets;
  }

  get dirtyBlocks(): number {
    return this.#tracker.dirty.count;
  }

  get copyRate(): number {
    return this.#pace.copyRate;
  }

  get copyBudgetMs(): number {
    return Math.max(0, this.#budgets.maxPauseMs - this.#reserveMs);
  }

  all(): BlockSet {
    return this.#all();
  }

  harvest(): BlockSet {
    return this.#tracker.dirty.take();
  }

  async copy(blocks: BlockSet, kind: RoundStats["kind"]): Promise<RoundStats> {
    const set = blocks as BlockBitmap;
    const before = { written: this.#tracker.dirty.count, ...this.#pace.copied };
    const startedMs = this.clock.monotonicMs();
    this.#phase = { bulk: "copying", dirty: "converging", final: "stunned" }[kind];
    if (kind === "bulk") this.#bulkLeft = set.count;
    await this.#copier.copy(set, {
      fresh: kind === "bulk",
      throttled: kind !== "final",
      signal: this.signal,
      proceed: () => this.#attempt?.check(),
      copied: (bytes, zero) => {
        this.#pace.moved(bytes, zero);
        if (kind === "bulk") this.#bulkLeft -= Math.ceil(bytes / BLOCK_BYTES);
      },
    });
    const after = this.#pace.copied;
    const round: RoundStats = {
      round: this.#pace.rounds.length,
      kind,
      blocks: set.count,
      bytesCopied: after.bytesCopied - before.bytesCopied,
      bytesZero: after.bytesZero - before.bytesZero,
      durationMs: this.clock.monotonicMs() - startedMs,
      newDirtyBlocks: Math.max(0, this.#tracker.dirty.count - before.written),
    };
    this.#pace.ended(round);
    if (kind !== "final") await this.#flushTarget();
    return round;
  }

  announce(ready: boolean): void {
    if (ready) this.#phase = "ready";
    else
      this.#refuse(
        new CodedError("pause-budget-exceeded", { disk: this.disk, maxPauseMs: this.#budgets.maxPauseMs }),
      );
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#options.onReady(ready);
  }

  get switchRequested(): boolean {
    return this.#request !== undefined;
  }

  async settle(ms: number): Promise<void> {
    this.signal.throwIfAborted();
    const waiting = new AbortController();
    const slept = this.clock.sleep(ms, waiting.signal).catch(() => undefined);
    await Promise.race([this.#changed.promise, slept]);
    waiting.abort();
    this.signal.throwIfAborted();
  }

  async switchOver(finish: () => Promise<void>): Promise<"switched" | "released"> {
    const request = this.#request;
    if (request === undefined)
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
    attempt.over.catch((reason: unknown) => this.#refuse(reason));
    try {
      await attempt.hold();
      this.#options.onStunned();
      await finish();
      const verification = await this.#prove(attempt);
      await Promise.race([this.#flushTarget(), attempt.over]);
      attempt.equal();
      this.#request = undefined;
      request.resolve({ verification, heldMs: attempt.heldMs });
      if ((await attempt.verdict) === "swap") {
        this.#verification = verification;
        return "switched";
      }
    } catch (error) {
      attempt.abandon(error);
      if (!CodedError.is(error, "pause-budget-exceeded")) throw error;
    } finally {
      this.#pauses.push(attempt.pauseMs);
      this.#attempt = undefined;
    }
    this.#ready = false;
    this.#phase = "converging";
    if (this.#attempts >= this.#budgets.maxAttempts) throw this.#notConverging();
    return "released";
  }

  // What the control plane asks for.

  /** Resolves when the guest is held and the target is equal and durable; rejects when this attempt came to nothing. */
  requestSwitch(): Promise<EqualAnswer> {
    this.#request ??= deferred<EqualAnswer>();
    this.#wake();
    return this.#request.promise;
  }

  /** After `requestSwitch` resolved: the engine's decision. Before: gives up this attempt. Answers the pause. */
  decide(verdict: Verdict): number {
    const attempt = this.#attempt;
    if (attempt === undefined) {
      this.#refuse(
        new CodedError("pause-budget-exceeded", { disk: this.disk, maxPauseMs: this.#budgets.maxPauseMs }),
      );
      return 0;
    }
    attempt.decide(verdict, () => {
      if (verdict !== "swap") return;
      this.#options.disk.track(undefined);
      this.#options.disk.swap(this.#options.target);
    });
    return attempt.pauseMs;
  }

  adjust(budgets: Partial<MoveBudgets>): void {
    this.#budgets = { ...this.#budgets, ...budgets };
    this.#wake();
  }

  progress(): JsonObject {
    return this.#pace.progress({
      phase: this.#phase,
      ready: this.#ready,
      blocks: this.#tracker.blocks,
      bulkLeft: this.#bulkLeft,
      dirtyBlocks: this.dirtyBlocks,
      reserveMs: this.#reserveMs,
    });
  }

  #all(): BlockBitmap {
    const all = new BlockBitmap(this.#tracker.blocks);
    all.set(0, all.blocks);
    return all;
  }

  get #reserveMs(): number {
    return this.#pace.flushMs + this.#options.commitMs + SEAM_MS;
  }

  /** Every block is vouched for, or is read on both sides now. */
  async #prove(attempt: SwitchAttempt): Promise<Verification> {
    const { unproven, blocks } = this.#tracker;
    const mode = this.#options.verify;
    const compared = mode === "full" ? blocks : unproven.count;
    await this.#copier.compare(mode === "full" ? this.#all() : unproven, () => attempt.check());
    return { equal: true, mode, readBackBlocks: blocks - compared, comparedBlocks: compared };
  }

  async #flushTarget(): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    try {
      await this.#options.target.flush();
    } catch (cause) {
      throw new CodedError("target-failed", { disk: this.disk, phase: this.#phase }, { cause });
    }
    this.#pace.flushed(this.clock.monotonicMs() - startedMs);
  }

  #refuse(reason: unknown): void {
    const request = this.#request;
    this.#request = undefined;
    request?.reject(reason);
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = deferred<void>();
    changed.resolve();
  }

  #notConverging(): CodedError {
    const detail = `${this.#attempts} switch-overs did not fit into ${this.#budgets.maxPauseMs} ms; the last one held the guest for ${Math.ceil(this.#pauses.at(-1) ?? 0)} ms`;
    return new CodedError("not-converging", { disk: this.disk, detail });
  }

  #result(verification: Verification): MoveResult {
    return {
      rounds: this.#pace.rounds,
      ...this.#pace.copied,
      pauseMs: Math.max(...this.#pauses),
      pausesMs: this.#pauses.reduce((sum, pause) => sum + pause, 0),
      attempts: this.#attempts,
      verification,
    };
  }
}
