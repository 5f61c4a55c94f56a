import {
  type Clock,
  CodedError,
  type Layer,
  type MoveBudgets,
  type Verification,
} from "../contract/index.ts";
import { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import type { Disk } from "./disk.ts";
import type { EqualAnswer, MoveResult } from "./move-result.ts";
import type { MoveRounds } from "./move-rounds.ts";
import type { MoveUsage } from "./move-usage.ts";
import { notConverging } from "./not-converging.ts";
import { pauseMs } from "./outlook.ts";
import { SwitchAttempt, type Verdict } from "./switch-attempt.ts";
import { SwitchDialogue } from "./switch-dialogue.ts";
import type { Tracker } from "./tracker.ts";

/** What the messages between the planes add to a hold. */
const SEAM_MS = 1;

export interface SwitchOversOptions {
  readonly disk: Disk;
  readonly target: Layer;
  readonly tracker: Tracker;
  readonly rounds: MoveRounds;
  readonly usage: Pick<MoveUsage, "soFar">;
  readonly clock: Clock;
  /** As they are now; an attempt under way keeps its pause. */
  readonly budgets: () => MoveBudgets;
  readonly verify: Verification["mode"];
  /** What the owner record's transaction is expected to take. */
  readonly commitMs: number;
  readonly onReady: (ready: boolean) => void;
  readonly onStunned: () => void;
}

/** The disk's half of the one switch-over: attempts, until the guest is at the target or too many came to nothing. */
export class SwitchOvers {
  readonly #options: SwitchOversOptions;
  readonly #dialogue: SwitchDialogue<EqualAnswer>;
  #attempt: SwitchAttempt | undefined;
  /** How long each attempt that has ended held the guest. */
  readonly #pauses: number[] = [];
  /** Attempts in which this disk did its part in time, and the engine let the guest go all the same. */
  #inTime = 0;
  /** Whether the target counts as equal, or is the guest's already: nothing may be copied to it. */
  #sealed = false;
  /** Whether the engine gave up its last request before the strategy came to answer it. */
  #takenBack = false;
  /** What draining is expected to take: one request that took long says little of the next ones. */
  #drainMs = 0;
  #predictedPauseMs = 0;
  #verification: Verification | undefined;

  constructor(options: SwitchOversOptions) {
    this.#options = options;
    this.#dialogue = new SwitchDialogue(this.#exceeded(), options.onReady);
  }

  /** What holding the guest costs besides copying and flushing, in milliseconds. */
  get fixedMs(): number {
    return this.#drainMs + this.#options.commitMs + SEAM_MS;
  }

  get ready(): boolean {
    return this.#dialogue.ready;
  }

  /** Whether the engine waits for the disk to switch over. */
  get requested(): boolean {
    return this.#dialogue.requested;
  }

  /** Once the guest is at the target, or has left it there for good. */
  get result(): MoveResult | undefined {
    return this.#verification && this.#account(this.#verification, this.#pauses);
  }

  // What the strategy does.

  /** See `DiskMove`. */
  announce(ready: boolean): void {
    const { rounds, tracker } = this.#options;
    if (!ready) {
      this.#dialogue.refuse(this.#exceeded());
      return;
    }
    rounds.phase = "ready";
    if (!this.ready) this.#predictedPauseMs = pauseMs(rounds.measured, tracker.dirty.count * BLOCK_BYTES);
    this.#dialogue.announceReady();
  }

  /** See `DiskMove`. */
  async switchOver(finish: () => Promise<void>): Promise<"switched" | "released"> {
    if (!this.requested) {
      const asked = this.#takenBack;
      this.#takenBack = false;
      if (asked) return "released";
      throw new CodedError("internal", { reason: "a strategy switched over without being asked" });
    }
    const { disk, clock, rounds, budgets, onStunned } = this.#options;
    const { maxPauseMs } = budgets();
    const attempt = new SwitchAttempt({ gate: disk.gate, clock, maxPauseMs, disk: disk.name });
    this.#attempt = attempt;
    // A copy that hangs must not keep the engine from learning that the guest went on.
    attempt.over.catch((reason: unknown) => this.#dialogue.refuse(reason));
    try {
      await attempt.hold();
      onStunned();
      await finish();
      const verification = await this.#prove(attempt);
      await rounds.flush();
      this.#answerEqual(attempt, verification);
      if ((await attempt.verdict) !== "release") {
        this.#verification = verification;
        return "switched";
      }
      this.#inTime++;
    } catch (error) {
      attempt.abandon(error);
      if (!CodedError.is(error, "pause-budget-exceeded")) throw error;
    } finally {
      this.#pauses.push(attempt.pauseMs);
      this.#drainMs = (this.#drainMs + attempt.drainMs) / 2;
      this.#attempt = undefined;
      this.#sealed = this.#verification !== undefined;
    }
    this.#dialogue.refuse(this.#exceeded());
    rounds.phase = "converging";
    if (this.#pauses.length >= budgets().maxAttempts) throw this.notConverging();
    return "released";
  }

  /** The last round has ended: whatever is copied from now on would land on a target that was proven equal. */
  seal(): void {
    this.#sealed = true;
  }

  /** Throws where nothing may be copied any more. */
  demandUnsealed(): void {
    if (this.#sealed) throw new CodedError("internal", { reason: "a strategy copied after its last round" });
  }

  /** Throws once the attempt under way is over. */
  check(): void {
    this.#attempt?.check();
  }

  /** See `DiskMove`. */
  notConverging(): CodedError {
    const { disk, rounds, tracker, budgets } = this.#options;
    return notConverging({
      disk: disk.name,
      pace: rounds.measured,
      dirtyBytes: tracker.dirty.count * BLOCK_BYTES,
      budgets: budgets(),
      heldMs: this.#pauses,
      inTime: this.#inTime,
    });
  }

  // What the engine does.

  /** Resolves when the guest is held and the target is equal and durable; rejects when this attempt came to nothing. */
  request(): Promise<EqualAnswer> {
    this.#takenBack = false;
    return this.#dialogue.ask();
  }

  /** After `request` resolved: the engine's decision. Before: gives up this attempt. Answers the pause. */
  decide(verdict: Verdict): number {
    const attempt = this.#attempt;
    if (attempt === undefined) {
      this.#takenBack = this.requested;
      this.#dialogue.refuse(this.#exceeded());
      return 0;
    }
    const { disk, target, tracker } = this.#options;
    attempt.decide(verdict, () => {
      if (verdict === "release") return;
      disk.untrack(tracker);
      if (verdict === "swap") disk.swap(target);
    });
    return attempt.pauseMs;
  }

  /** Lets a guest that is held go on at the source; not where the engine has its answer already. */
  abandon(reason: unknown): void {
    this.#attempt?.abandon(reason);
  }

  /** The move is over: whoever asks, or asks from now on, is refused for that reason. */
  refuse(reason: unknown): void {
    this.#dialogue.refuse(reason);
  }

  /** From here on only the engine's verdict lets the guest go on, so nothing may fail, and somebody must be listening. */
  #answerEqual(attempt: SwitchAttempt, verification: Verification): void {
    // An attempt that is over says why: a cancel is no reason to try again.
    attempt.check();
    if (!this.requested) throw this.#exceeded();
    const heldMs = attempt.heldMs;
    const result = this.#account(verification, [...this.#pauses, heldMs]);
    attempt.equal();
    this.#dialogue.answer({ result, heldMs });
  }

  /** Every block is vouched for, or is read on both sides now. */
  async #prove(attempt: SwitchAttempt): Promise<Verification> {
    const { tracker, rounds, verify: mode } = this.#options;
    const { unproven, blocks } = tracker;
    const compared = mode === "full" ? blocks : unproven.count;
    await rounds.compare(mode === "full" ? BlockBitmap.full(blocks) : unproven, () => attempt.check());
    const { holeBlocks } = tracker;
    const readBackBlocks = blocks - compared - holeBlocks;
    return { equal: true, mode, readBackBlocks, holeBlocks, comparedBlocks: compared };
  }

  #account(verification: Verification, pauses: readonly number[]): MoveResult {
    const {
      rounds: { pace },
      usage: { soFar: usage },
    } = this.#options;
    return {
      rounds: pace.rounds,
      ...pace.copied,
      pauseMs: Math.max(...pauses),
      pausesMs: pauses.reduce((sum, pause) => sum + pause, 0),
      attempts: pauses.length,
      predictedPauseMs: this.#predictedPauseMs,
      verification,
      usage,
    };
  }

  #exceeded(): CodedError {
    const { disk, budgets } = this.#options;
    return new CodedError("pause-budget-exceeded", { disk: disk.name, maxPauseMs: budgets().maxPauseMs });
  }
}
