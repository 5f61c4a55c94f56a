import { CodedError, type DiskMove } from "pagurus";

/** Watches that rounds lead somewhere: the dirty set must reach a new low within so many of them. */
export class Shrinking {
  readonly #disk: string;
  readonly #patience: number;
  #lowest = Number.POSITIVE_INFINITY;
  #stagnant = 0;

  constructor(disk: string, patience: number) {
    this.#disk = disk;
    this.#patience = patience;
  }

  /** The rest fits the pause: whatever is written from now on begins anew. */
  reset(): void {
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#stagnant = 0;
  }

  /** Before each round; throws `not-converging`. */
  check({ dirtyBlocks, copyRate, blockBytes, budgets }: DiskMove): void {
    if (dirtyBlocks < this.#lowest) {
      this.#lowest = dirtyBlocks;
      this.#stagnant = 0;
      return;
    }
    this.#stagnant++;
    if (this.#stagnant < this.#patience) return;
    const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
    const detail = `${mib(dirtyBlocks * blockBytes)} are dirty and that did not shrink for ${this.#stagnant} rounds, at ${mib(copyRate)} copied per second and a pause of at most ${budgets.maxPauseMs} ms`;
    throw new CodedError("not-converging", { disk: this.#disk, detail });
  }
}
