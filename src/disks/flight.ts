import { type Deferred, deferred } from "./deferred.ts";

/** What is under way and didn't end at once, and the first of its failures. */
export class Flight {
  readonly #most: number;
  readonly #underWay = new Set<Promise<void>>();
  #landed: Deferred<void> = deferred();
  #failure: { readonly error: unknown } | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#underWay.size >= this.#most;
  }

  get empty(): boolean {
    return this.#underWay.size === 0;
  }

  add(pending: Promise<void>): void {
    const ended = pending
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.#underWay.delete(ended);
        this.#landed.resolve();
      });
    this.#underWay.add(ended);
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Throws the first failure. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Resolves when there is room for another. */
  async room(): Promise<void> {
    while (this.full) {
      this.#landed = deferred();
      await this.#landed.promise;
    }
  }

  /** Resolves when nothing is under way. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
