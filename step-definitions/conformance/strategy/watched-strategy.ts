import type { DiskMove, MigrationStrategy, MoveFacts } from "pagurus";

/** The strategy under test in one move: as it is, but for what is noted of it. */
export class WatchedStrategy implements MigrationStrategy {
  readonly id: string;
  readonly summary: string;
  /** How often it has asked its move for anything. */
  looks = 0;
  /** How its `run` has ended. */
  ending: "not yet" | "well" | { readonly failure: unknown } = "not yet";
  readonly #strategy: MigrationStrategy;

  constructor(strategy: MigrationStrategy) {
    this.#strategy = strategy;
    this.id = strategy.id;
    this.summary = strategy.summary;
  }

  plan(facts: MoveFacts): void {
    this.#strategy.plan(facts);
  }

  async run(move: DiskMove): Promise<void> {
    try {
      await this.#strategy.run(this.#watched(move));
      this.ending = "well";
    } catch (failure) {
      this.ending = { failure };
      throw failure;
    }
  }

  #watched(move: DiskMove): DiskMove {
    return new Proxy(move, {
      get: (target, name) => {
        this.looks++;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}
