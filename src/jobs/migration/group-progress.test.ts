import { expect, test } from "vitest";
import { groupProgress } from "./group-progress.ts";

const one = {
  phase: "ready",
  round: 3,
  percent: 99,
  bytesCopied: 100,
  dirtyBytesPerSecond: 5,
  hotBytes: 8,
  predictedPauseMs: 4,
  predictedEndMs: 10,
};

test("several disks are as far as the one furthest behind, and cost what they cost together", () => {
  const other = { ...one, phase: "converging", round: 5, percent: 90, bytesCopied: 11, predictedPauseMs: 9 };
  expect(groupProgress([one, other])).toEqual({
    ...{ phase: "converging", round: 5, percent: 90, bytesCopied: 111, dirtyBytesPerSecond: 10 },
    ...{ hotBytes: 16, predictedPauseMs: 9, predictedEndMs: 10 },
  });
});

test("what one disk can't tell can't be told of all", () => {
  expect(groupProgress([one, { ...one, predictedEndMs: null }])["predictedEndMs"]).toBeNull();
  expect(groupProgress([one, {}])).toMatchObject({ phase: "copying", percent: 0, bytesCopied: 100 });
});

test("what a strategy tells besides is passed on, of one disk as it is, of several where they agree", () => {
  const told = { ...one, plan: { kind: "rounds" }, note: "a" };
  expect(groupProgress([told])).toEqual(told);
  const together = groupProgress([told, { ...told, note: "b" }]);
  expect(together).toMatchObject({ plan: { kind: "rounds" } });
  expect(together).not.toHaveProperty("note");
});

test("what several disks cost at their stores is added up, side by side", () => {
  const asked = (put: number) => ({ requests: { put }, bytesSent: put, bytesReceived: 0, price: null });
  const disks = [asked(1), asked(4)].map((target) => ({ ...one, usage: { source: null, target } }));
  expect(groupProgress(disks)["usage"]).toEqual({ source: null, target: asked(5) });
});
