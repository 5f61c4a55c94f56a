import { expect, test } from "vitest";
import { engineFunctions } from "./plugin.ts";

const isBucketAlone =
  "only a bucket can be examined, and the kit's has none: features/journeys/rescue*.feature try it";
const startsProcesses =
  "each run is a process of its own, which takes seconds: features/edge/acceptance.feature runs and cancels them";

/** What the conformance kit can't try by examples, and why. */
const withoutExamples: Readonly<Record<string, string>> = {
  "datastores.inspect": isBucketAlone,
  "datastores.verify": isBucketAlone,
  "datastores.export": isBucketAlone,
  "datastores.repair": isBucketAlone,
  "datastores.accept-loss": isBucketAlone,
  "datastores.sweep": isBucketAlone,
  "acceptance-runs.start": startsProcesses,
  "acceptance-runs.show": startsProcesses,
  "acceptance-runs.cancel": startsProcesses,
};

test("each function has examples for the conformance kit, or a reason why it has none", () => {
  const without = engineFunctions.filter(({ examples = [] }) => examples.length === 0);
  expect(without.map(({ name }) => name).sort()).toEqual(Object.keys(withoutExamples).sort());
});
