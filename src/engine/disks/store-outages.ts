import type { JsonObject, StoreOutage } from "../../contract/index.ts";

export interface StoreOutagesOptions {
  readonly publish: (event: { type: string; data?: JsonObject }) => void;
  readonly now: () => number;
  /** A store answers all threads again. */
  readonly answered: () => void;
}

/** Stores that don't answer, as the disk threads hear of them: told once for all threads, and once when it is over. */
export class StoreOutages {
  readonly #options: StoreOutagesOptions;
  readonly #waiting = new Map<string, { readonly threads: Set<number>; readonly since: string }>();

  constructor(options: StoreOutagesOptions) {
    this.#options = options;
  }

  /** `outage` is null when the store answers that thread again. */
  hear(thread: number, datastore: string, outage: StoreOutage | null): void {
    if (outage === null) {
      this.#answered(thread, datastore);
      return;
    }
    const known = this.#waiting.get(datastore);
    known?.threads.add(thread);
    if (known !== undefined) return;
    const { since, reason } = outage;
    this.#waiting.set(datastore, { threads: new Set([thread]), since });
    const code = "datastore-unavailable";
    this.#options.publish({ type: "datastore.unavailable", data: { datastore, since, code, reason } });
  }

  /** A thread has ended, and waits for nothing any more. */
  lost(thread: number): void {
    for (const datastore of [...this.#waiting.keys()]) this.#answered(thread, datastore);
  }

  #answered(thread: number, datastore: string): void {
    const known = this.#waiting.get(datastore);
    if (!known?.threads.delete(thread) || known.threads.size > 0) return;
    this.#waiting.delete(datastore);
    const { since } = known;
    this.#options.answered();
    const outageMs = this.#options.now() - Date.parse(since);
    this.#options.publish({ type: "datastore.recovered", data: { datastore, since, outageMs } });
  }
}
