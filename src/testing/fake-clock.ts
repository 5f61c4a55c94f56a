import type { Clock } from "../contract/index.ts";

interface Timer {
  readonly atMs: number;
  readonly then: () => void;
}

/** A clock that moves when the test says so. */
export class FakeClock implements Clock {
  #nowMs = 1000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Number of timers and sleeps that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Time passes without a timer coming due, as when an event loop is busy. */
  passUnnoticed(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets so much time pass: what is due by then happens in its order, before this answers. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.atMs - b.atMs))
      if (timer.atMs <= this.#nowMs && this.#timers.delete(timer)) timer.then();
  }
}
