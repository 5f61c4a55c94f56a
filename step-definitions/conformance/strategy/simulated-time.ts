import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { FakeClock } from "pagurus/testing";

/** Enough turns of the event loop for everything to end that waits for nothing but others. */
const TURNS = 30;
const STEP_MS = 10;
/** What is not seen by then is not going to happen. */
const PATIENCE_MS = 60_000;

/** A clock that goes on as fast as everybody can follow: nothing here waits for time to pass. */
export class SimulatedTime {
  readonly clock = new FakeClock();
  readonly #settled: () => void;

  /** `settled` is called whenever everything has happened that needs no time. */
  constructor(settled: () => void) {
    this.#settled = settled;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < TURNS; turns++) await setImmediate();
    this.#settled();
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await this.settle();
      this.clock.advance(STEP_MS);
    }
    await this.settle();
  }

  /** Lets time pass until it holds; fails with what `was` to happen where that takes longer than a simulated minute. */
  async until(was: string, holds: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    const fromMs = this.clock.monotonicMs();
    for (await this.settle(); !holds(); await this.settle()) {
      const passedMs = this.clock.monotonicMs() - fromMs;
      const seconds = Math.round(passedMs / 100) / 10;
      assert.ok(passedMs < patienceMs, `${was}, which took more than ${seconds} simulated seconds`);
      this.clock.advance(STEP_MS);
    }
  }
}
