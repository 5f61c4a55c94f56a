import { expect, test } from "vitest";
import { DirtyBlockMigration } from "./dirty-block-migration.ts";
import { otherwise, run, scripted } from "./testing/scripted-move.ts";

// Fails where the rounds of a disk that is ready and waits are counted on as if it had never been.
test("a disk that waits for the others keeps near, however long that takes, and is not called stagnant", async () => {
  const waiting = Array.from({ length: 60 }, (_, index) => (index % 3 === 2 ? 12 : 0));
  const seen = await run({ written: [300, 5, ...waiting], askedAfter: 50 });
  expect(seen.filter((what) => what === "dirty 17" || what === "dirty 12").length).toBeGreaterThan(5);
  expect(seen.slice(-2)[0]).toBe("held");
});

test("a disk that is ready and waits stays ready while it is kept near", async () => {
  const seen = await run({ written: [3, 5, 0, 5, 0, 5, 0], comfortable: 4, askedAfter: 6 });
  expect(seen.filter((what) => what.startsWith("dirty")).length).toBeGreaterThan(1);
  expect(seen).not.toContain("not ready");
});

// Fails where what gathers while the disk waits is left for the pause.
test("what a disk that waits copies is made durable as it goes, where its flush would not fit the pause", async () => {
  const { move, seen } = scripted({ written: [0, 5, 0], comfortable: 4, askedAfter: 2 });
  let durable = true;
  await new DirtyBlockMigration({ stagnantRounds: 5 }).run(
    otherwise(move, {
      fittingBlocks: (pauseMs, { flushed = false } = {}) =>
        flushed || durable ? move.fittingBlocks(pauseMs) : 0,
      copy(blocks, kind, options) {
        durable = false;
        return move.copy(blocks, kind, options);
      },
      async flush() {
        seen.push("flush");
        durable = true;
      },
    }),
  );
  expect(seen.filter((what) => what !== "ready")).toEqual([
    ...["bulk 1000", "flush", "flush"],
    ...["dirty 5", "flush"],
    ...["held", "final 0"],
  ]);
});

// Fails where readiness is told of once: then the job would wait for this disk for ever.
test("a disk whose request was taken back while it copied a round is ready again after the round", async () => {
  const { move, seen } = scripted({ written: [3, 5], comfortable: 4 });
  let ready = false;
  let asked = false;
  let settled = 0;
  await new DirtyBlockMigration({ stagnantRounds: 5 }).run(
    otherwise(move, {
      get switchRequested() {
        return asked;
      },
      announce(now) {
        // The engine asks again as soon as it hears of it.
        asked = now && !ready && seen.includes("dirty 8");
        ready = now;
      },
      async settle() {
        expect(++settled).toBeLessThan(100);
        await move.settle();
      },
      async copy(blocks, kind, options) {
        if (kind === "dirty") ready = false;
        return move.copy(blocks, kind, options);
      },
    }),
  );
  expect(seen.slice(-3)).toEqual(["dirty 8", "held", "final 0"]);
});
