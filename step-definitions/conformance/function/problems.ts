import assert from "node:assert/strict";

/** Fails with everything that is wrong, of whatever function. */
export const assertNone = (problems: readonly string[]): void => {
  if (problems.length > 0) assert.fail(problems.join("\n"));
};
