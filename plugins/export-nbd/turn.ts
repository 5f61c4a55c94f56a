import { REQUEST_COST_BYTES, TURN_BYTES } from "./limits.ts";

/** What one client was served in this turn of the event loop. */
export class Turn {
  #requests = 0;
  /** With what a request costs, in bytes. */
  #bytes = 0;

  get requests(): number {
    return this.#requests;
  }

  /** Whether the thread's other clients come first now. */
  get used(): boolean {
    return this.#bytes >= TURN_BYTES;
  }

  begin(): void {
    this.#requests = 0;
    this.#bytes = 0;
  }

  /** A request that moves so many bytes. */
  count(bytes: number): void {
    this.#requests++;
    this.#bytes += REQUEST_COST_BYTES + bytes;
  }
}
