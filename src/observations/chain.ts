import { CodedError, reasonOf } from "../contract/errors.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Observation } from "../contract/observation.ts";
import { jsonOf } from "./json.ts";
import { traceOf } from "./trace.ts";

/** How far an error's causes are followed. */
const MAX_DEPTH = 32;
/** How many observations one chain may have, all branches counted. */
const MAX_OBSERVATIONS = 200;

/** Whether the error is what an aborted signal throws. */
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** The code and data of whatever was thrown; `what` names the task that an abort ended. */
export function factsOf(error: unknown, what: string): { readonly code: string; readonly data: JsonObject } {
  if (CodedError.is(error)) return { code: error.code, data: jsonOf(error.data) };
  if (isAbort(error)) return { code: "cancelled", data: jsonOf({ what }) };
  return { code: "internal", data: jsonOf({ reason: reasonOf(error) }) };
}

/** The errors that the error itself names as its causes; an aggregate among them stands for its errors. */
function namedCauses(error: unknown): readonly unknown[] {
  if (typeof error !== "object" || error === null) return [];
  const several = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  const cause = "cause" in error ? error.cause : undefined;
  const first = cause instanceof AggregateError ? namedCauses(cause) : cause === undefined ? [] : [cause];
  return [...first, ...several];
}

/**
 * The observations of the errors that `error` names as its causes. `known` answers those that were observed
 * already, with their own causes, so that nothing is told twice.
 */
export function causesNamedBy(
  error: unknown,
  known: (error: unknown) => Observation | undefined,
  path: readonly unknown[] = [],
): readonly Observation[] {
  if (path.length === MAX_DEPTH || path.includes(error)) return [];
  return namedCauses(error).map((cause) => {
    const observed = known(cause) ?? traceOf(cause).origin;
    if (observed) return observed;
    return {
      ...factsOf(cause, "The operation"),
      at: Date.now(),
      causes: causesNamedBy(cause, known, [...path, error]),
    };
  });
}

/** The chain cut to a size that any door can carry; the first causes are kept longest. */
export function bounded(chain: Observation): Observation {
  let left = MAX_OBSERVATIONS;
  const keep = (observation: Observation, depth: number): Observation => {
    left -= 1;
    const causes: Observation[] = [];
    for (const cause of depth < MAX_DEPTH ? observation.causes : [])
      if (left > 0) causes.push(keep(cause, depth + 1));
    return { ...observation, causes };
  };
  return keep(chain, 0);
}
