import assert from "node:assert/strict";
import { CodedError } from "pagurus";

/** The code that the attempt is refused with, through what the kernel says around it; fails where it isn't refused. What is not written yet is thrown: it refuses nothing. */
export const refusalOf = async (attempt: () => Promise<unknown>): Promise<string> => {
  const refusal = await attempt().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(refusal !== undefined, "it was not refused");
  const code = innermostCode(refusal);
  if (code === "not-implemented") throw refusal;
  return code ?? `no code, but ${String(refusal)}`;
};

const innermostCode = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  const own = CodedError.is(error) ? error.code : undefined;
  return own?.startsWith("catalog-") || own === "capability-missing"
    ? own
    : (innermostCode(error.cause) ?? own);
};
