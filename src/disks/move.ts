import {
  type Clock,
  CodedError,
  type JsonObject,
  type Layer,
  type MigrationStrategy,
  type MoveBudgets,
  type Verification,
} from "../contract/index.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { CopyBrake, type CopyLimits } from "./copy-brake.ts";
import type { Disk } from "./disk.ts";
import { HeatFilter } from "./heat-filter.ts";
import type { EqualAnswer, MoveResult } from "./move-result.ts";
import { MoveRounds } from "./move-rounds.ts";
import { MoveUsage } from "./move-usage.ts";
import { StrategyView } from "./strategy-view.ts";
import type { Verdict } from "./switch-attempt.ts";
import { SwitchOvers } from "./switch-overs.ts";
import { Tracker } from "./tracker.ts";

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
  /** The target holds something already: what is equal is not copied again. */
  readonly resume?: boolean;
  /** What the owner record's transaction is expected to take. */
  readonly commitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onReady: (ready: boolean) => void;
  readonly onStunned: () => void;
}

/** One disk's move in its own thread, as the control plane reaches it. */
export class Move {
  readonly #options: MoveOptions;
  readonly #tracker: Tracker;
  readonly #rounds: MoveRounds;
  readonly #switchOvers: SwitchOvers;
  readonly #view: StrategyView;
  readonly #usage: MoveUsage;
  #budgets: MoveBudgets;

  constructor(options: MoveOptions) {
    const { disk, clock, signal } = options;
    const { name, sizeBytes } = disk;
    if (sizeBytes > LARGEST_BYTES)
      throw new CodedError("disk-too-large-to-move", { disk: name, sizeBytes, largestBytes: LARGEST_BYTES });
    this.#options = options;
    this.#budgets = options.budgets;
    const budgets = () => this.#budgets;
    const limits = () => (this.#switchOvers.requested ? UNLIMITED : this.#budgets);
    const heat = new HeatFilter(clock);
    const tracker = new Tracker(sizeBytes, heat);
    const rounds = new MoveRounds({
      ...{ ...options, disk: name, sizeBytes, source: disk.active, tracker, heat },
      fixedMs: () => this.#switchOvers.fixedMs,
      brake: new CopyBrake(clock, limits, () => disk.demand),
    });
    const usage = new MoveUsage(disk.active, options.target);
    const switchOvers = new SwitchOvers({ ...options, tracker, rounds, usage, budgets });
    this.#usage = usage;
    this.#tracker = tracker;
    this.#rounds = rounds;
    this.#switchOvers = switchOvers;
    this.#view = new StrategyView({
      ...{ disk: name, sizeBytes, clock, signal, budgets, tracker, rounds, switchOvers },
    });
  }

  /** Resolves when the guest is at the target, or the target is kept. However it ends, nothing of it is in flight and the guest is not held. */
  async run(): Promise<MoveResult> {
    const { disk, signal } = this.#options;
    const cancel = () => {
      this.#switchOvers.abandon(signal.reason);
      this.#view.wake();
    };
    signal.addEventListener("abort", cancel);
    disk.track(this.#tracker);
    try {
      return await this.#runStrategy();
    } catch (error) {
      this.#switchOvers.refuse(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
      disk.untrack(this.#tracker);
    }
  }

  /** The verdict is where the guest is, whatever the strategy says of itself. */
  async #runStrategy(): Promise<MoveResult> {
    const { strategy, signal } = this.#options;
    let failure: unknown;
    try {
      signal.throwIfAborted();
      await strategy.run(this.#view);
    } catch (error) {
      failure = error;
      this.#switchOvers.abandon(error);
    }
    await this.#view.end();
    const { result } = this.#switchOvers;
    if (result !== undefined) return result;
    const reason = `the strategy ${strategy.id} ended before the switch-over`;
    throw failure ?? new CodedError("internal", { reason });
  }

  /** Resolves when the guest is held and the target is equal and durable; rejects when this attempt came to nothing. */
  requestSwitch(): Promise<EqualAnswer> {
    const answer = this.#switchOvers.request();
    this.#view.wake();
    return answer;
  }

  /** After `requestSwitch` resolved: the engine's decision. Before: gives up this attempt. Answers the pause. */
  decide(verdict: Verdict): number {
    return this.#switchOvers.decide(verdict);
  }

  /** The budgets from now on, all of them: a limit that is left out is lifted. An attempt under way keeps its pause. */
  adjust(budgets: MoveBudgets): void {
    this.#budgets = budgets;
    this.#view.wake();
  }

  progress(): JsonObject {
    const { ready } = this.#switchOvers;
    const { soFar: usage } = this.#usage;
    return {
      ...this.#rounds.progress({ ready, maxPauseMs: this.#budgets.maxPauseMs }),
      ...(usage && { usage }),
    };
  }
}
