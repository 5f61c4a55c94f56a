import { type Deferred, deferred } from "../../disks/deferred.ts";

/** A point where a job waits until the test lets it go on. */
export interface Hold {
  /** Resolves when the job is there. */
  readonly reached: Promise<void>;
  goOn(): void;
}

/** Holds an engine's jobs at crash points: what a test does meanwhile happens exactly there. */
export class Holds {
  readonly #armed = new Map<string, { reached: Deferred<void>; goOn: Deferred<void> }>();
  /** Every point reached so far, in order. */
  readonly seen: string[] = [];

  /** The next time that a job comes to the point. */
  at(point: string): Hold {
    const hold = { reached: deferred<void>(), goOn: deferred<void>() };
    this.#armed.set(point, hold);
    return { reached: hold.reached.promise, goOn: () => hold.goOn.resolve() };
  }

  async reach(point: string): Promise<void> {
    this.seen.push(point);
    const hold = this.#armed.get(point);
    if (hold === undefined) return;
    this.#armed.delete(point);
    hold.reached.resolve();
    await hold.goOn.promise;
  }

  /** Lets everything go on. */
  end(): void {
    for (const { goOn } of this.#armed.values()) goOn.resolve();
    this.#armed.clear();
  }
}
