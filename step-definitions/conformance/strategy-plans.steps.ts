import assert from "node:assert/strict";
import { CodedError, type MigrationStrategy, type MoveFacts } from "pagurus";
import { Then } from "pagurus/steps";
import { Moves } from "./strategy/moves.ts";
import type { Kit } from "./world.ts";

const GIB = 1024 ** 3;

/** Disks as they come, and some that hardly do. */
const facts: readonly MoveFacts[] = [
  { disk: "web", sizeBytes: GIB, from: "fast", to: "archive" },
  { disk: "odd", sizeBytes: 1024 ** 2 + 512, from: "fast", to: "archive" },
  { disk: "small", sizeBytes: 512, from: "fast", to: "archive" },
  { disk: "large", sizeBytes: 64 * 1024 * GIB, from: "archive", to: "fast" },
  { disk: "to-itself", sizeBytes: GIB, from: "fast", to: "fast" },
];

const verdictOn = (strategy: MigrationStrategy, given: MoveFacts): string => {
  try {
    const answer: unknown = strategy.plan(given);
    return answer === undefined ? "it can" : `an answer, ${String(answer)}`;
  } catch (error) {
    return CodedError.is(error) ? error.code : String(error);
  }
};

Then("the strategy says of each disk the same, however often it is asked", function (this: Kit) {
  const { strategy } = this.part(Moves);
  const before = process.getActiveResourcesInfo().length;
  const first = facts.map((given) => verdictOn(strategy, Object.freeze({ ...given })));
  for (let again = 0; again < 3; again++)
    for (const [index, given] of [...facts.entries()].reverse())
      assert.equal(
        verdictOn(strategy, Object.freeze({ ...given })),
        first[index],
        `of ${JSON.stringify(given)}`,
      );
  assert.equal(process.getActiveResourcesInfo().length, before, "a plan has left something under way");
});
Then(
  "the strategy refuses what it can't move with a code, and answers nothing otherwise",
  function (this: Kit) {
    const { strategy } = this.part(Moves);
    for (const given of facts) {
      let failure: unknown;
      let answer: unknown;
      try {
        answer = strategy.plan(given);
      } catch (error) {
        failure = error;
      }
      const about = `a plan for ${JSON.stringify(given)}`;
      assert.equal(answer, undefined, `${about} answered something, and nobody looks at that`);
      assert.ok(
        failure === undefined || CodedError.is(failure),
        `${about} was refused without a code: ${String(failure)}`,
      );
    }
  },
);
