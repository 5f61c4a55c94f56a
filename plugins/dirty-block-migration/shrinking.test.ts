import { CodedError } from "pagurus";
import { expect, test } from "vitest";
import { DirtyBlockMigration } from "./dirty-block-migration.ts";
import { otherwise, scripted } from "./testing/scripted-move.ts";

test("a dirty set that doesn't shrink for 5 rounds is not converging; each new low starts the count anew", async () => {
  const { move, seen } = scripted({ written: [500, 500, 500, 400, 450, 420, 410, 405, 400, 400] });
  const running = new DirtyBlockMigration({ stagnantRounds: 5 }).run(move);
  await expect(running).rejects.toSatisfy((error) => CodedError.is(error, "not-converging"));
  expect(seen.filter((what) => what.startsWith("dirty"))).toHaveLength(9);
});

test("a dirty set that goes to and fro without a new low is not followed for ever", async () => {
  const { move, seen } = scripted({
    written: Array.from({ length: 200 }, (_, round) => (round % 3 ? 300 : 900)),
  });
  const running = new DirtyBlockMigration({ stagnantRounds: 5 }).run(move);
  await expect(running).rejects.toSatisfy((error) => CodedError.is(error, "not-converging"));
  expect(seen.length).toBeLessThan(60);
});

test("M-27: a budget that was changed gives rounds another chance", async () => {
  const { move, seen } = scripted({ written: [500, 500, 500, 500, 500, 500, 500, 500, 5] });
  let budgets = move.budgets;
  const adjusted = otherwise(move, {
    get budgets() {
      if (seen.filter((what) => what.startsWith("dirty")).length === 4) budgets = { ...budgets };
      return budgets;
    },
  });
  await new DirtyBlockMigration({ stagnantRounds: 5 }).run(adjusted);
  expect(seen.at(-1)).toBe("final 5");
});
