import { type Clock, CodedError } from "../contract/index.ts";

/** A request that waits at the gate. `start` runs it; `drop` answers it without it ever starting. */
export interface Held {
  readonly alive: () => boolean;
  readonly start: () => void;
  readonly drop: () => void;
}

/**
 * Where every request to a disk passes. While it is held, requests wait in the order in which they came: they are
 * delayed, never failed. Two things hold it: a stun, and a connection whose peer is gone while requests of it are
 * still under way. For one thread; `enter` and `leave` bracket what did not complete at once.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #queue: Held[] = [];
  #holds = 0;
  #inFlight = 0;
  #drained: (() => void) | undefined;
  #stunnedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a request may start at once. */
  get open(): boolean {
    return this.#holds === 0;
  }

  get stunned(): boolean {
    return this.#stunnedAt !== undefined;
  }

  /** Number of requests that wait. */
  get held(): number {
    return this.#queue.length;
  }

  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#endDraining();
  }

  wait(request: Held): void {
    this.#queue.push(request);
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#startHeld();
  }

  /**
   * Holds new requests at once; resolves when those under way have ended, or when the stun is ended first. One stun
   * at a time: a second one is refused, or its end would be taken for the first one's.
   */
  stun(): Promise<void> {
    if (this.stunned) throw new CodedError("internal", { reason: "the guest is held already" });
    this.#stunnedAt = this.#clock.monotonicMs();
    this.hold();
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Ends the stun; answers how long it lasted, in milliseconds. 0 where there is none. */
  resume(): number {
    if (this.#stunnedAt === undefined) return 0;
    const pauseMs = this.#clock.monotonicMs() - this.#stunnedAt;
    this.#stunnedAt = undefined;
    this.#endDraining();
    this.release();
    return pauseMs;
  }

  #endDraining(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  #startHeld(): void {
    const alive = new Map<() => boolean, boolean>();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      // A peer that hung up while it was held may have repeated this request elsewhere: ask the kernel, once each.
      const there = alive.get(next.alive) ?? isAlive(next);
      alive.set(next.alive, there);
      if (there) next.start();
      else next.drop();
      if (!this.open) return;
    }
  }
}

/** Who can't be asked is gone: nothing may keep the others from going on. */
const isAlive = (request: Held): boolean => {
  try {
    return request.alive();
  } catch {
    return false;
  }
};
