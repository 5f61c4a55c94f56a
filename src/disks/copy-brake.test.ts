import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { CopyBrake } from "./copy-brake.ts";
import { watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";

const never = new AbortController().signal;

const setUp = (first: { guestImpact: number; maxBytesPerSecond?: number }) => {
  const clock = new FakeClock();
  const state = { budgets: { maxPauseMs: 50, maxAttempts: 5, ...first }, turns: 0 };
  const brake = new CopyBrake(
    clock,
    () => state.budgets,
    () => ({ turns: ++state.turns, bytes: 0 }),
  );
  /** For how many milliseconds copying is held back. */
  const heldMs = async () => {
    const waiting = watched(brake.wait(never));
    let ms = 0;
    await settled();
    for (; waiting.state === "pending" && ms < 5000; ms++) {
      clock.advance(1);
      await settled();
    }
    return ms;
  };
  return { clock, state, brake, heldMs };
};

test("the rate limit and a busy guest hold copying back, whichever does longer", async () => {
  const both = setUp({ guestImpact: 50, maxBytesPerSecond: 1_000_000 });
  both.brake.moved(20_000);
  both.brake.took(5, 0);
  expect(await both.heldMs()).toBe(20);
  both.brake.moved(1000);
  both.brake.took(5, 0);
  expect(await both.heldMs()).toBeGreaterThan(7);
});

test("what a timer can't wait for is waited for together with what follows", async () => {
  const { brake, heldMs } = setUp({ guestImpact: 50 });
  brake.took(0.3, 0);
  expect(brake.wait(never)).toBeUndefined();
  brake.took(0.3, 0);
  expect(await heldMs()).toBe(2);
});

// Fails where a wait sleeps for all that is owed at the budgets of its beginning.
test("budgets that are raised hold within a quarter of a second, also in the middle of a long wait", async () => {
  const { clock, state, brake } = setUp({ guestImpact: 1, maxBytesPerSecond: 1 });
  brake.moved(1000);
  brake.took(1000, 0);
  const waiting = watched(brake.wait(never));
  await settled();
  clock.advance(250);
  await settled();
  expect(waiting.state).toBe("pending");
  state.budgets = { ...state.budgets, maxBytesPerSecond: 1e9, guestImpact: 100 };
  clock.advance(250);
  await settled();
  expect(waiting.state).toBe("done");
});

test("a wait ends with its signal", async () => {
  const { brake } = setUp({ guestImpact: 100, maxBytesPerSecond: 1 });
  brake.moved(1000);
  const abort = new AbortController();
  const waiting = brake.wait(abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test("copying is timed without the waits that were imposed on it", async () => {
  const { brake, heldMs } = setUp({ guestImpact: 10 });
  brake.took(2, 3);
  await heldMs();
  brake.took(1, 0);
  expect(brake.copyingMs).toBe(6);
});

// Fails where a stun's copying is paid for by the rounds after it, while the guest makes more dirty.
test("what is copied while nothing holds is timed and not owed", async () => {
  const { brake, heldMs } = setUp({ guestImpact: 10 });
  brake.tookFree(300);
  expect([await heldMs(), brake.copyingMs]).toEqual([0, 300]);
});
