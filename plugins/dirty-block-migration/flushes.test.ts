import { expect, test } from "vitest";
import { DirtyBlockMigration } from "./dirty-block-migration.ts";
import { otherwise, run, scripted } from "./testing/scripted-move.ts";

// Fails where what a flush would take in the pause is not asked for, or its end is taken for the approach's.
test("much that isn't durable is flushed first; what is written meanwhile is another round's, if it doesn't fit", async () => {
  expect(await run({ written: [300, 3, 2, 1], writtenInFlush: 20 })).toEqual([
    "bulk 1000",
    ...["not ready", "dirty 300", "flush"],
    ...["not ready", "dirty 23", "flush"],
    ...["not ready", "dirty 22"],
    ...["ready", "held", "final 1"],
  ]);
});

// Fails where what the guest writes during a flush gathers until its end.
test("rounds go on beside a flush, so that little is dirty when it ends", async () => {
  const { move, seen } = scripted({ written: [300, 5, 6, 7, 2], comfortable: 4 });
  let flushed: () => void = () => undefined;
  await new DirtyBlockMigration({ stagnantRounds: 5 }).run(
    otherwise(move, {
      flush: () =>
        new Promise((resolve) => {
          seen.push("flush");
          if (seen.includes("dirty 7")) resolve();
          else flushed = resolve;
        }),
      async copy(blocks, kind, options) {
        const round = await move.copy(blocks, kind, options);
        if (seen.at(-1) === "dirty 7") flushed();
        return round;
      },
    }),
  );
  expect(seen).toEqual([
    "bulk 1000",
    ...["not ready", "dirty 300"],
    ...["not ready", "dirty 5"],
    ...["flush", "dirty 6", "dirty 7", "flush"],
    ...["ready", "held", "final 2"],
  ]);
});

// Fails where a flush that took too long once is never tried again: nothing fits any more then.
test("one flush that took exceptionally long does not keep a disk from ever being ready", async () => {
  const { move, seen } = scripted({ written: [300, 9, 8, 7] });
  let flushes = 0;
  await new DirtyBlockMigration({ stagnantRounds: 5 }).run(
    otherwise(move, {
      fittingBlocks: () => (flushes < 2 ? 0 : 10),
      flush: async () => void flushes++,
    }),
  );
  expect(seen.slice(-3)).toEqual(["ready", "held", "final 8"]);
});
