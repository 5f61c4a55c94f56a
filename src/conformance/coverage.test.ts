import { expect, test } from "vitest";
import { coverageOf, needsText } from "./coverage.ts";
import type { ScenarioResult } from "./tally.ts";

const skipped = (log: string): ScenarioResult => ({
  name: log,
  feature: "a feature",
  where: "x.feature:1",
  tags: [],
  verdict: "skipped",
  logs: [log],
  durationMs: 0,
});

test("what the scenarios that were not run need is told in one order, whichever of them ended first", () => {
  const results = ["needs sparse", "needs resize", "needs exact extents", "needs resize"].map(skipped);
  const text = "2 need resize, 1 needs exact extents, 1 needs sparse";
  expect(needsText(coverageOf(results))).toBe(text);
  expect(needsText(coverageOf(results.toReversed()))).toBe(text);
});

test("what could not be had here is told as that, and not as something to be declared", () => {
  const result = {
    name: "a",
    feature: "b",
    where: "c:1",
    tags: [],
    verdict: "skipped",
    durationMs: 1,
  } as const;
  const logs = ["not run: storage is behind a network"];
  expect(
    needsText(
      coverageOf([
        { ...result, logs },
        { ...result, logs },
      ]),
    ),
  ).toBe("2 couldn't be run: storage is behind a network");
});
