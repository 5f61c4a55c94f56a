import { expect, test } from "vitest";
import { DirtyBlockMigration } from "../../plugins/dirty-block-migration/dirty-block-migration.ts";
import { CodedError, type MoveBudgets } from "../contract/index.ts";
import { filled, watched } from "../disks/testing/test-disk.ts";
import { testMove } from "../disks/testing/test-move.ts";
import { settled } from "../disks/testing/turns.ts";

const KIB = 1024;
const sizeBytes = 8 * KIB * KIB;
/** The longest that a change may take to show. */
const PROMISED_MS = 1000;
const STEP_MS = 5;
/** Large requests are those of a guest that wants all that it can get. */
const wanted = new Uint8Array(128 * KIB);

/** A move by our own strategy under a clock that the test advances, with a guest that always wants something. */
const begin = (budgets: Partial<MoveBudgets>) => {
  const strategy = new DirtyBlockMigration({ stagnantRounds: 5 });
  const moving = testMove({
    sizeBytes,
    budgets: { guestImpact: 100, ...budgets },
    prepare: (source) => void source.write(0, filled(sizeBytes, 1)),
    run: (move) => strategy.run(move),
  });
  const { clock, source, target, guest, move, running } = moving;
  // Copying takes time of its own, else there is nothing that a guest could be spared.
  source.fault = () => clock.passUnnoticed(1);
  target.flush = () => clock.sleep(80);
  const outcome = watched(running);
  /** Asks for the switch-over again and again, as the engine does. */
  const switching = async () => {
    for (;;) {
      const asked = await move.requestSwitch().catch((error: unknown) => error);
      if (!(asked instanceof Error)) return move.decide("swap");
      if (!CodedError.is(asked, "pause-budget-exceeded")) return undefined;
      await clock.sleep(1);
    }
  };
  void switching();
  /** Lets time pass until it is so, but no longer than that; answers how long it took. */
  const pass = async (mostMs: number, until: () => boolean = () => false): Promise<number> => {
    const fromMs = clock.monotonicMs();
    const passedMs = () => clock.monotonicMs() - fromMs;
    while (!until() && passedMs() < mostMs) {
      void guest.read(0, wanted);
      clock.advance(STEP_MS);
      await settled();
    }
    return passedMs();
  };
  const copiedBytes = () => Number(move.progress()["bytesCopied"]);
  return { ...moving, outcome, pass, copiedBytes };
};

test.each<[Partial<MoveBudgets>, Partial<MoveBudgets>]>([
  [{ maxBytesPerSecond: 32 * KIB }, { maxBytesPerSecond: 1e9 }],
  [{ guestImpact: 1 }, { guestImpact: 100 }],
])("copying that is held back by %o has ended a second after it was given %o", async (first, then) => {
  const { adjust, pass, copiedBytes } = begin(first);
  await pass(1500);
  expect(copiedBytes()).toBeLessThan(sizeBytes / 2);
  adjust(then);
  expect(await pass(PROMISED_MS * 2, () => copiedBytes() >= sizeBytes)).toBeLessThanOrEqual(PROMISED_MS);
});

test.each<[Partial<MoveBudgets>, Partial<MoveBudgets>]>([
  [{ maxBytesPerSecond: 1024 * KIB }, { maxBytesPerSecond: 32 * KIB }],
  [{ guestImpact: 10 }, { guestImpact: 1 }],
])("copying that goes by %o goes by %o a second after it was given that", async (first, then) => {
  const copiedInSeconds = async ({ pass, copiedBytes }: ReturnType<typeof begin>) => {
    const before = copiedBytes();
    await pass(2000);
    return copiedBytes() - before;
  };
  const moving = begin(first);
  const fast = await copiedInSeconds(moving);
  moving.adjust(then);
  await moving.pass(PROMISED_MS);
  const slow = await copiedInSeconds(moving);
  expect(slow).toBeLessThan(fast / 5);
  expect(moving.copiedBytes()).toBeLessThan(sizeBytes);
});

test("a move whose switch-overs never fit the pause has switched over a second after it was given a longer one", async () => {
  const { adjust, pass, outcome, running } = begin({ maxPauseMs: 50, maxAttempts: 1000 });
  await pass(3000);
  expect(outcome.state).toBe("pending");
  adjust({ maxPauseMs: 500 });
  expect(await pass(PROMISED_MS * 2, () => outcome.state !== "pending")).toBeLessThanOrEqual(PROMISED_MS);
  expect((await running).attempts).toBeGreaterThan(1);
});

test("a move that would try for ever has ended a second after it was given fewer attempts, and goes on after more", async () => {
  const { adjust, pass, outcome } = begin({ maxPauseMs: 50, maxAttempts: 2 });
  adjust({ maxAttempts: 1000 });
  await pass(3000);
  expect(outcome.state).toBe("pending");
  adjust({ maxAttempts: 1 });
  expect(await pass(PROMISED_MS * 2, () => outcome.state !== "pending")).toBeLessThanOrEqual(PROMISED_MS);
  expect(outcome.state).toMatchObject({ code: "not-converging" });
});
