import { CodedError } from "pagurus";
import { expect, test } from "vitest";
import { DirtyBlockMigration } from "./dirty-block-migration.ts";
import { otherwise, run, scripted } from "./testing/scripted-move.ts";

test("M-12: without writes nothing is left to copy while the guest is held", async () => {
  expect(await run({ written: [] })).toEqual(["bulk 1000", "ready", "held", "final 0"]);
});

// The threshold here is 10 blocks.
test("M-4, M-5, M-6: rounds copy exactly what is dirty until it is below the threshold, then the guest is held for the rest", async () => {
  expect(await run({ written: [300, 50, 9] })).toEqual([
    "bulk 1000",
    "not ready",
    "dirty 300",
    "not ready",
    "dirty 50",
    "ready",
    "held",
    "final 9",
  ]);
});

test("M-13: as many dirty blocks as the threshold are still too many", async () => {
  expect(await run({ written: [10, 9] })).toEqual([
    "bulk 1000",
    "not ready",
    "dirty 10",
    "ready",
    "held",
    "final 9",
  ]);
  expect(await run({ written: [7, 6] }, { thresholdBlocks: 7, stagnantRounds: 5 })).toContain("dirty 7");
});

test("a budget that leaves no time still allows a switch-over with nothing dirty", async () => {
  const { move, seen } = scripted({ written: [1, 0] });
  await new DirtyBlockMigration({ stagnantRounds: 5 }).run(
    otherwise(move, {
      fittingBlocks: () => 0,
    }),
  );
  expect(seen).toEqual(["bulk 1000", "not ready", "dirty 1", "ready", "held", "final 0"]);
});

test("while rounds shrink quickly the pause is kept comfortable, and used up once they don't", async () => {
  const comfortable = { comfortable: 4 };
  expect(await run({ written: [300, 8, 3], ...comfortable })).toEqual([
    "bulk 1000",
    ...["not ready", "dirty 300"],
    ...["not ready", "dirty 8"],
    ...["ready", "held", "final 3"],
  ]);
  expect(await run({ written: [300, 9, 8], ...comfortable })).toEqual([
    "bulk 1000",
    ...["not ready", "dirty 300"],
    ...["not ready", "dirty 9"],
    ...["ready", "held", "final 8"],
  ]);
});

test("M-22: hot blocks, up to half of the threshold, are left for the last round", async () => {
  expect(await run({ written: [300, 1], hot: 3 })).toEqual([
    "bulk 1000",
    ...["not ready", "dirty 297"],
    ...["ready", "held", "final 4"],
  ]);
});

// Fails where so many hot blocks are left out that nothing is copied any more.
test("M-23: with all blocks hot rounds go on copying, and end", async () => {
  const { move, seen } = scripted({ written: Array.from({ length: 40 }, () => 500), hot: 1000 });
  const running = new DirtyBlockMigration({ stagnantRounds: 5 }).run(move);
  await expect(running).rejects.toSatisfy((error) => CodedError.is(error, "not-converging"));
  const rounds = seen.filter((what) => what.startsWith("dirty"));
  expect(rounds.length).toBeLessThan(10);
  expect(rounds).toContain("dirty 500");
});

test("a switch-over that was released is tried again with what was written meanwhile", async () => {
  expect(await run({ written: [], fits: [false, false, true] })).toEqual([
    "bulk 1000",
    ...["ready", "held", "final 0"],
    ...["ready", "held", "final 0"],
    ...["ready", "held", "final 0"],
  ]);
});

test("what ends a round ends the move", async () => {
  const { move } = scripted({ written: [] });
  const failing = otherwise(move, {
    copy: () => Promise.reject(new CodedError("target-failed", { disk: "web", phase: "copying" })),
  });
  await expect(new DirtyBlockMigration({ stagnantRounds: 5 }).run(failing)).rejects.toThrow("target-failed");
});
