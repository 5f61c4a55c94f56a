import { CodedError } from "../contract/index.ts";
import { deferred } from "./deferred.ts";

type Work = "copy" | "flush" | "switch-over";

/**
 * What a strategy has begun, also where it didn't wait for it: one of each kind at a time, so that no block is in
 * flight twice.
 */
export class UnderWay {
  readonly #works = new Map<Work, Promise<unknown>>();
  #over = false;

  /** Begins the work; rejects where one of its kind is under way, or the strategy has ended. */
  once<T>(what: Work, work: () => Promise<T>): Promise<T> {
    if (this.#over) return refused(`a strategy began a ${what} after it had ended`);
    if (this.#works.has(what)) return refused(`a strategy began a second ${what} while one was under way`);
    const running = work().finally(() => this.#works.delete(what));
    running.catch(() => undefined);
    this.#works.set(what, running);
    return running;
  }

  /** Throws where work of the kind is under way. */
  demandNo(what: Work): void {
    if (this.#works.has(what))
      throw new CodedError("internal", { reason: `a strategy left a ${what} under way in its last round` });
  }

  /** Nothing more begins; resolves when all that has begun has ended, well or badly. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.allSettled(this.#works.values());
  }
}

/** Where the strategy doesn't wait for it either, that is no crash. */
const refused = (reason: string): Promise<never> => {
  const { promise, reject } = deferred<never>();
  reject(new CodedError("internal", { reason }));
  return promise;
};
