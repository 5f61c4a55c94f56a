import type { DiskMove } from "pagurus";

/** A round that leaves less than this of what it found dirty leads somewhere quickly. */
const QUICKLY = 0.75;

/** What is not lower by a twentieth is no new low: that way rounds would go on for ever too. */
const LOWER = 0.95;

/** A new low within so many times the rounds that may fail to shrink: to and fro leads nowhere either. */
const TO_AND_FRO = 4;

/** Watches that rounds lead somewhere: the dirty set must shrink, and reach a new low now and then. */
export class Shrinking {
  readonly #patience: number;
  #lowest = Number.POSITIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;
  /** Since the last new low: rounds that didn't shrink, and all. */
  #stagnant = 0;
  #rounds = 0;
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
    const shrunk = move.dirtyBlocks < this.#last * LOWER;
    this.#budgets = move.budgets;
    this.#last = move.dirtyBlocks;
    if (allowed || move.dirtyBlocks < this.#lowest * LOWER) {
      this.#lowest = move.dirtyBlocks;
      this.#stagnant = 0;
      this.#rounds = 0;
      return;
    }
    this.#rounds++;
    if (!shrunk) this.#stagnant++;
    const nowhere = this.#stagnant >= this.#patience || this.#rounds >= TO_AND_FRO * this.#patience;
    if (nowhere && !move.budgets.patient) throw move.notConverging();
  }
}
