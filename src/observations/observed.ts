import type { Observation } from "../contract/observation.ts";
import { bounded, causesNamedBy, factsOf } from "./chain.ts";
import { traceOf } from "./trace.ts";

/**
 * The observation of whatever was thrown, with its causes: what the task that it ended observed, else what the
 * error and its causes say themselves. JSON of bounded size. Needs no task scopes, and so runs in an edge runtime;
 * `known` answers what the scope here has observed of an error.
 */
export function observedOf(
  error: unknown,
  known: (error: unknown) => Observation | undefined = () => undefined,
): Observation {
  const { origin, outermost } = traceOf(error);
  const observation = known(error) ?? (outermost === "shared" ? undefined : outermost) ?? origin;
  return bounded(
    observation ?? {
      ...factsOf(error, "The operation"),
      at: Date.now(),
      causes: causesNamedBy(error, known),
    },
  );
}
