import { expect, test } from "vitest";
import { notConverging } from "./not-converging.ts";
import type { Pace } from "./outlook.ts";

const MIB = 1024 ** 2;
const pace: Pace = {
  copying: 200 * MIB,
  rounds: 60 * MIB,
  bulk: 60 * MIB,
  dirtying: 70 * MIB,
  flush: { baseMs: 10, msPerByte: 0 },
  fixedMs: 6,
  unflushed: 0,
};
const budgets = { maxPauseMs: 50, guestImpact: 30, maxAttempts: 5 };
const stalled = { disk: "web", pace, dirtyBytes: 64 * MIB, budgets, heldMs: [], inTime: 0 };

test("M-27: it says where the move stands and which budgets would have worked, to people and to programs", () => {
  const { code, data } = notConverging(stalled);
  expect(code).toBe("not-converging");
  expect(data).toMatchObject({
    dirtyBytes: 64 * MIB,
    dirtyBytesPerSecond: 70 * MIB,
    copyBytesPerSecond: 60 * MIB,
    workableMaxPauseMs: 420,
    workableGuestImpact: 44,
    budgets,
  });
  expect(data["detail"]).toBe(
    "64 MiB are still to be copied, and 70 MiB are written for each 60 MiB copied; a pause of 420 ms or a guest impact of 44 % would have worked",
  );
});

test("a rate limit that is too low is named where copying could keep up without it", () => {
  const limited = { ...budgets, guestImpact: 60, maxBytesPerSecond: 60 * MIB };
  expect(notConverging({ ...stalled, budgets: limited }).data).toMatchObject({
    workableMaxBytesPerSecond: Math.ceil(87.5 * MIB),
  });
  expect(notConverging({ ...stalled, budgets: limited }).data["workableGuestImpact"]).toBeUndefined();
  const both = notConverging({ ...stalled, budgets: { ...limited, guestImpact: 30 } }).data;
  expect(both["workableMaxBytesPerSecond"]).toBeUndefined();
});

test("a guest that writes more than could be copied at all is told the pause alone", () => {
  const { data } = notConverging({ ...stalled, pace: { ...pace, dirtying: 300 * MIB } });
  expect([data["workableGuestImpact"], data["workableMaxPauseMs"]]).toEqual([undefined, 420]);
});

test("a pause that was tried and did not suffice is never what would have worked", () => {
  const { data } = notConverging({ ...stalled, dirtyBytes: 0, heldMs: [50, 51.2] });
  expect(data).toMatchObject({ attempts: 2, heldMs: 51.2, workableMaxPauseMs: 70 });
  expect(data["detail"]).toContain(
    "2 switch-overs did not fit into 50 ms, the last one held the guest for 52 ms;",
  );
});

// Fails where a pause is proposed that nobody may ask for.
test("where no pause that may be asked for would have worked, and nothing else, it says so", () => {
  const hopeless = { ...stalled, dirtyBytes: 20_000 * MIB, pace: { ...pace, dirtying: 300 * MIB } };
  const { data } = notConverging(hopeless);
  expect([data["workableMaxPauseMs"], data["workableGuestImpact"]]).toEqual([undefined, undefined]);
  expect(data["detail"]).toContain("neither a pause of 1 min nor another budget alone would have worked");
  const helped = notConverging({ ...hopeless, pace });
  expect(helped.data["workableMaxPauseMs"]).toBeUndefined();
  expect(helped.data["detail"]).toMatch(/; a guest impact of 44 % would have worked$/);
});

test("a pause that would do is proposed up to the longest that may be asked for", () => {
  const nearly = notConverging({ ...stalled, dirtyBytes: 11_000 * MIB }).data;
  expect(nearly["workableMaxPauseMs"]).toBe(60_000);
  expect(
    notConverging({ ...stalled, budgets: { ...budgets, maxPauseMs: 60_000 }, heldMs: [60_000] }).data[
      "workableMaxPauseMs"
    ],
  ).toBeUndefined();
});

test("a threshold that is set below what the pause allows is no matter of budgets", () => {
  const { data } = notConverging({ ...stalled, dirtyBytes: MIB, pace: { ...pace, dirtying: 0 } });
  expect(data["workableMaxPauseMs"]).toBeUndefined();
  expect(data["detail"]).not.toContain("would have worked");
});
