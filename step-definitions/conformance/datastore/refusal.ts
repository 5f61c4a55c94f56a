import assert from "node:assert/strict";
import { CodedError, reasonOf } from "pagurus";

/** The refusal that `attempt` meets; `undefined` where it meets none. What is not written yet is thrown: it refuses nothing. */
export const refusalOf = async (attempt: () => unknown): Promise<unknown> => {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (CodedError.is(error, "not-implemented")) throw error;
    return error;
  }
};

/** `what` is the attempt in words: “opening it”. */
export const assertRefused = async (attempt: () => unknown, code: string, what = "it"): Promise<void> => {
  const refusal = await refusalOf(attempt);
  assert.ok(refusal !== undefined, `${what} succeeded; it must be refused as ${code}`);
  assert.ok(
    CodedError.is(refusal),
    `${what} failed with an error without a code: ${reasonOf(refusal)}; it must be refused as ${code}`,
  );
  assert.ok(refusal.code === code, `${what} was refused as ${refusal.code}; it must be as ${code}`);
};
