import { CodedError, type JsonObject, type Observation, reasonOf, z } from "../../contract/index.ts";
import { errorOf } from "../../observations/index.ts";
import { leaveTrace } from "../../observations/trace.ts";

const JsonData = z.record(z.string(), z.json()) satisfies z.ZodType<JsonObject>;

const Chain: z.ZodType<Observation> = z.object({
  code: z.string(),
  data: JsonData,
  task: z.string().exactOptional(),
  at: z.number(),
  get causes() {
    return z.array(Chain);
  },
});
const Told = z.object({
  detail: z.string(),
  kind: z.enum(["bad-input", "not-found", "conflict", "unavailable", "cancelled", "internal"]),
  status: z.int().min(400).max(599),
  retryable: z.boolean(),
});
const ProblemWithChain = z.object({ chain: Chain });

/** The failure that the server's answer tells of, with its whole chain. */
export const failureOf = (answer: unknown, url: string, status: number): CodedError => {
  const problem = ProblemWithChain.safeParse(answer);
  if (!problem.success) return new CodedError("answer-unreadable", { url, status });
  const error = errorOf(problem.data.chain);
  const told = Told.safeParse(answer);
  if (told.success) leaveTrace(error, { told: told.data });
  return error;
};

/** What fetch calls a connection that was there and then was not. */
const LOST = new Set<unknown>(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** The failure of a request that got no answer. `peer-lost`: it may have been carried out all the same. */
export const unanswered = (url: string, operation: string, error: unknown): CodedError => {
  // fetch says only "fetch failed"; what it was is its cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = { code: undefined, ...(typeof cause === "object" ? cause : {}) };
  if (LOST.has(code)) return new CodedError("peer-lost", { peer: `The server at ${url}`, operation });
  const reason = code === "ECONNREFUSED" ? "nothing listens there" : reasonOf(cause) || String(code);
  return new CodedError("server-unreachable", { url, reason });
};
