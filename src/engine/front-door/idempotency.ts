import { createHash } from "node:crypto";
import type { CallKey, IdempotencyTable } from "../../catalog/index.ts";
import { CodedError, type Invocation, type Json, z } from "../../contract/index.ts";

const KEY = /^[\x21-\x7e]{1,255}$/;

const Answer = z.object({ kind: z.enum(["call", "job"]), output: z.json(), location: z.string().optional() });

/** An invocation as the catalog keeps it. */
export const answerOf = ({ kind, output, location }: Omit<Invocation, "replayed">): Json =>
  JSON.parse(JSON.stringify({ kind, output: output ?? null, location }));

/**
 * Runs the call once per key and token: a repetition with the same input gets the stored answer. A call that fails
 * frees its key. `idempotency-conflict`, `idempotency-running`, `idempotency-key-invalid`.
 */
export const once = async (
  table: Pick<IdempotencyTable, "begin" | "finish" | "drop">,
  call: CallKey & { readonly function: string; readonly input: unknown; readonly at: number },
  run: () => Promise<Invocation>,
): Promise<Invocation> => {
  const { key, token, at } = call;
  if (!KEY.test(key)) throw new CodedError("idempotency-key-invalid", {});
  const known = await table.begin({
    key,
    token,
    function: call.function,
    inputHash: hashOf(call.input),
    at,
  });
  if (known.state === "conflict") throw new CodedError("idempotency-conflict", { key });
  if (known.state === "running") throw new CodedError("idempotency-running", { key });
  if (known.state === "done") {
    const { kind, output, location } = Answer.parse(known.answer);
    return { kind, output, ...(location !== undefined && { location }), replayed: true };
  }
  const answer = await run().catch(async (error: unknown) => {
    // The failure is the news; a key that cannot be freed now is free after the next start.
    await table.drop(key, token).catch(() => {});
    throw error;
  });
  // The call has succeeded whatever becomes of its key, which keeps a repetition out until the next start.
  await table.finish(key, token, answerOf(answer)).catch(() => {});
  return answer;
};

/** The same for inputs that differ in nothing but the order of their fields. */
const hashOf = (input: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(input ?? null, (_, value) => sorted(value)))
    .digest("hex");

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
