import {
  type BlockSet,
  type Clock,
  CodedError,
  type DiskMove,
  type MoveBudgets,
  type RoundStats,
} from "../contract/index.ts";
import { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import type { MoveRounds } from "./move-rounds.ts";
import { fittingBytes } from "./outlook.ts";
import type { SwitchOvers } from "./switch-overs.ts";
import type { Tracker } from "./tracker.ts";
import { UnderWay } from "./under-way.ts";

const PHASES = { bulk: "copying", dirty: "converging", final: "stunned" } as const;

export interface StrategyViewOptions {
  /** The disk's name. */
  readonly disk: string;
  readonly sizeBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly budgets: () => MoveBudgets;
  readonly tracker: Tracker;
  readonly rounds: MoveRounds;
  readonly switchOvers: SwitchOvers;
}

/** One disk's move as its strategy sees it. */
export class StrategyView implements DiskMove {
  readonly disk: string;
  readonly sizeBytes: number;
  readonly blockBytes = BLOCK_BYTES;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly #options: StrategyViewOptions;
  readonly #underWay = new UnderWay();
  #settling = new AbortController();

  constructor(options: StrategyViewOptions) {
    this.#options = options;
    this.disk = options.disk;
    this.sizeBytes = options.sizeBytes;
    this.clock = options.clock;
    this.signal = options.signal;
  }

  get budgets(): MoveBudgets {
    return this.#options.budgets();
  }

  get dirtyBlocks(): number {
    return this.#options.tracker.dirty.count;
  }

  get switchRequested(): boolean {
    return this.#options.switchOvers.requested;
  }

  fittingBlocks(pauseMs: number, { flushed = false }: { readonly flushed?: boolean } = {}): number {
    const pace = this.#options.rounds.measured;
    return Math.floor(fittingBytes(flushed ? { ...pace, unflushed: 0 } : pace, pauseMs) / BLOCK_BYTES);
  }

  notConverging(): CodedError {
    return this.#options.switchOvers.notConverging();
  }

  all(): BlockSet {
    return BlockBitmap.full(this.#options.tracker.blocks);
  }

  harvest(): BlockSet {
    return this.#options.tracker.dirty.take();
  }

  copy(
    blocks: BlockSet,
    kind: RoundStats["kind"],
    { leaveHot }: { readonly leaveHot?: number } = {},
  ): Promise<RoundStats> {
    const { rounds, switchOvers } = this.#options;
    return this.#underWay.once("copy", async () => {
      if (!(blocks instanceof BlockBitmap))
        throw new CodedError("internal", { reason: "a strategy made up a set of blocks of its own" });
      switchOvers.demandUnsealed();
      // A disk that is ready stays it while it keeps its target near.
      if (kind !== "dirty" || !switchOvers.ready) rounds.phase = PHASES[kind];
      return rounds.copy(blocks, { kind, leaveHot }, () => switchOvers.check());
    });
  }

  flush(): Promise<void> {
    return this.#underWay.once("flush", () => this.#options.rounds.flush());
  }

  announce(ready: boolean): void {
    this.#options.switchOvers.announce(ready);
  }

  async settle(ms: number): Promise<void> {
    this.signal.throwIfAborted();
    this.#settling = new AbortController();
    await this.clock.sleep(ms, this.#settling.signal).catch(() => undefined);
    this.signal.throwIfAborted();
  }

  switchOver(finish: () => Promise<void>): Promise<"switched" | "released"> {
    const { switchOvers } = this.#options;
    const finishAll = async () => {
      await finish();
      this.#underWay.demandNo("copy");
      switchOvers.seal();
    };
    return this.#underWay.once("switch-over", () => switchOvers.switchOver(finishAll));
  }

  // What strategies don't see.

  /** Ends a `settle` under way: there is something to look at. */
  wake(): void {
    this.#settling.abort();
  }

  /** The strategy has ended: nothing more begins. Resolves when nothing of it is in flight. */
  async end(): Promise<void> {
    await this.#underWay.end();
    await this.#options.rounds.idle();
  }
}
