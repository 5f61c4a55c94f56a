import type { DiskMove, MigrationStrategy } from "pagurus";
import type { DirtyBlockConfig } from "./config.ts";
import { Shrinking } from "./shrinking.ts";

/** How often a disk that waits for the others of its job looks at its dirty blocks. */
const NEAR_EQUAL_MS = 10;
/** While rounds shrink quickly, and while the others are waited for, the pause is kept to this part of what is allowed. */
const COMFORTABLE = 0.5;
/** The first flush has the end of the bulk copy to write; what one of little takes is told by the next. */
const TELLING_FLUSHES = 2;
/** Flushes beside rounds after which what is left is flushed with nothing beside it. */
const FLUSHES_BESIDE = 3;
/** While a flush goes on beside rounds, what is dirty is kept to this part of what would fit. */
const NEAR = 0.25;
/** How long the dirty blocks of one round beside a flush gather. */
const GATHER_MS = 5;
/** The part of the threshold that blocks may take which are left for the last round, for they are hot. */
const HOT = 0.5;

/**
 * Live migration of persistent data by tracking dirty blocks (US8478725B2): one bulk copy, then rounds over what was
 * written meanwhile, until fewer blocks are dirty than the threshold; the rest is copied while the guest is held. Hot
 * blocks, written all the time, are left out of the rounds and copied with the rest.
 */
export class DirtyBlockMigration implements MigrationStrategy {
  readonly id = "dirty-block";
  readonly summary = "Copies while the guest writes, then what it wrote, until the rest fits the pause";
  readonly #config: DirtyBlockConfig;

  constructor(config: DirtyBlockConfig) {
    this.#config = config;
  }

  /** Needs nothing of source and target but reads and writes. */
  plan(): void {}

  async run(move: DiskMove): Promise<void> {
    await move.copy(move.all(), "bulk");
    do await this.#approach(move);
    while ((await this.#stayReady(move)) === "released");
  }

  /**
   * Round after round until the rest fits the pause, with the flush of all that was copied and is not durable. That is
   * flushed beside the rounds, so that both shrink together.
   */
  async #approach(move: DiskMove): Promise<void> {
    const shrinking = new Shrinking(this.#config.stagnantRounds);
    for (let flushes = 0; ; ) {
      const part = shrinking.quickly(move) ? COMFORTABLE : 1;
      if (move.dirtyBlocks >= this.#threshold(move, part)) {
        move.announce(false);
        shrinking.check(move);
        await this.#round(move);
        // Nobody waits for the end of these.
        if (move.budgets.patient) await move.settle(NEAR_EQUAL_MS);
        // Where not even a flush seems to fit, the next one may show that the last was an exception.
        if (move.fittingBlocks(move.budgets.maxPauseMs, { flushed: true }) === 0) await move.flush();
        continue;
      }
      if (flushes >= TELLING_FLUSHES && move.dirtyBlocks < move.fittingBlocks(move.budgets.maxPauseMs * part))
        return;
      if (++flushes <= FLUSHES_BESIDE) {
        await this.#flushBeside(move);
        continue;
      }
      await move.flush();
      if (move.dirtyBlocks < this.#threshold(move, 1)) return;
    }
  }

  /** What the guest writes meanwhile doesn't gather until the end of the flush. */
  async #flushBeside(move: DiskMove): Promise<void> {
    const flushed = move.flush().then(() => true);
    flushed.catch(() => undefined);
    const gathered = () => move.clock.sleep(GATHER_MS, move.signal).then(() => false);
    while (!(await Promise.race([flushed, gathered()])))
      if (move.dirtyBlocks >= this.#threshold(move, NEAR)) await this.#round(move);
  }

  /**
   * Keeps the target near until the engine asks. `released` too where the rest doesn't fit any more. A request that was
   * taken back before it could be answered has made the disk unready: so it says again and again that it is ready.
   */
  async #stayReady(move: DiskMove): Promise<"switched" | "released"> {
    for (move.announce(true); !move.switchRequested; move.announce(true)) {
      await move.settle(NEAR_EQUAL_MS);
      if (move.switchRequested) break;
      if (move.dirtyBlocks >= this.#threshold(move, 1)) return "released";
      if (move.dirtyBlocks < this.#threshold(move, COMFORTABLE)) continue;
      await this.#round(move);
      // What gathers while it waits would be flushed in the pause.
      if (move.dirtyBlocks >= move.fittingBlocks(move.budgets.maxPauseMs)) await move.flush();
    }
    return move.switchOver(async () => {
      await move.copy(move.harvest(), "final");
    });
  }

  async #round(move: DiskMove): Promise<void> {
    const leaveHot = Math.floor(this.#threshold(move, 1) * HOT);
    await move.copy(move.harvest(), "dirty", { leaveHot });
  }

  /**
   * Blocks that can be copied in that part of the pause, with nothing else left to flush. Never 0: fewer than 0 blocks
   * can't be reached.
   */
  #threshold(move: DiskMove, part: number): number {
    const fitting = () => move.fittingBlocks(move.budgets.maxPauseMs * part, { flushed: true });
    return this.#config.thresholdBlocks ?? Math.max(1, fitting());
  }
}
