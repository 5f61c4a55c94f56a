import { CodedError } from "../contract/errors.ts";
import type { Observation } from "../contract/observation.ts";
import { leaveTrace } from "./trace.ts";

/**
 * The error that stands here for a failure observed elsewhere: another thread, process or host. It keeps the whole
 * chain, and a task that it ends takes that as the observation of a subtask.
 */
export function errorOf(observation: Observation): CodedError {
  const [first] = observation.causes;
  const error = new CodedError<string>(
    observation.code,
    observation.data,
    first && { cause: errorOf(first) },
  );
  leaveTrace(error, { origin: observation });
  return error;
}
