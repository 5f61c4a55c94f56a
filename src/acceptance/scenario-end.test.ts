import { expect, test } from "vitest";
import { scenarioEnd } from "./scenario-end.ts";

test("a row of examples ends as the scenario that the catalog knows it by", () => {
  const row = { values: { goes: "dies" }, scenario: "features/conformance/x/y.feature:8" };
  const result = { name: "Going", feature: "Y", tags: [], logs: [], durationMs: 1 };
  const ended = scenarioEnd({
    ...result,
    where: "features/conformance/x/y.feature:14",
    row,
    verdict: "passed",
  });
  expect(ended).toEqual({ file: "features/conformance/x/y.feature", line: 8, verdict: "passed" });
});
