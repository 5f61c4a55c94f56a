import { setImmediate } from "node:timers/promises";

/** How long work may go on before others have their turn. */
const TURN_MS = 0.7;

/** Lets long work be done in turns with everything else in its thread. */
export class Turns {
  #end = performance.now() + TURN_MS;

  /** Whether it is somebody else's turn. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Resolves when it is ours again. */
  async next(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + TURN_MS;
  }
}
