import type { DiskMove, MigrationStrategy } from "pagurus";
import type { DirtyBlockConfig } from "./config.ts";
import { Shrinking } from "./shrinking.ts";

/** How often a disk that waits for the others of its job looks at its dirty blocks. */
const NEAR_EQUAL_MS = 10;

/**
 * Live migration of persistent data by tracking dirty blocks (US8478725B2): one bulk copy, then rounds over what was
 * written meanwhile, until fewer blocks are dirty than the threshold; the rest is copied while the guest is held.
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
    const shrinking = new Shrinking(move.disk, this.#config.stagnantRounds);
    await move.copy(move.all(), "bulk");
    for (;;) {
      if (move.dirtyBlocks >= this.#threshold(move)) {
        move.announce(false);
        shrinking.check(move);
        await move.copy(move.harvest(), "dirty");
        continue;
      }
      shrinking.reset();
      move.announce(true);
      if (!move.switchRequested) await move.settle(NEAR_EQUAL_MS);
      else if ((await this.#switchOver(move)) === "switched") return;
    }
  }

  #switchOver(move: DiskMove): Promise<"switched" | "released"> {
    return move.switchOver(async () => {
      await move.copy(move.harvest(), "final");
    });
  }

  /** Blocks that can be copied in what is left of the pause. Never 0: fewer than 0 blocks can't be reached. */
  #threshold(move: DiskMove): number {
    const fitting = ((move.copyBudgetMs / 1000) * move.copyRate) / move.blockBytes;
    return this.#config.thresholdBlocks ?? Math.max(1, Math.floor(fitting));
  }
}
