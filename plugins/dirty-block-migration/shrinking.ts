import type { DiskMove } from "pagurus";

/** A round that leaves less than this of what it found dirty leads somewhere quickly. */
const QUICKLY = 0.75;

/** What is not lower by a twentieth is no new low: that way rounds would go on for ever too. */
const LOWER = 0.95;

/** Watches that rounds lead somewhere: the dirty set must reach a new low within so many of them. */
export class Shrinking {
  readonly #patience: number;
  #lowest = Number.POSITIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;
  #stagnant = 0;
  #budgets: DiskMove["budgets"] | undefined;

  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Whether one more round would leave much less than is dirty now. */
  quickly({ dirtyBlocks }: DiskMove): boolean {
    return dirtyBlocks < this.#last * QUICKLY;
  }

  /** Before each round; throws `not-converging`, but not while an operator is waited for. */
  check(move: DiskMove): void {
    // What is allowed now may be enough for what didn't shrink so far.
    const allowed = move.budgets !== this.#budgets;
    this.#budgets = move.budgets;
    this.#last = move.dirtyBlocks;
    if (allowed || move.dirtyBlocks < this.#lowest * LOWER) {
      this.#lowest = move.dirtyBlocks;
      this.#stagnant = 0;
      return;
    }
    this.#stagnant++;
    if (this.#stagnant >= this.#patience && !move.budgets.patient) throw move.notConverging();
  }
}
