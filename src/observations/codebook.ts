import { type Code, codes, type ErrorKind } from "../contract/codes/index.ts";
import type { Observation } from "../contract/observation.ts";
import { observedOf } from "./observed.ts";

/** What is needed to show an observation to people. */
export interface Codebook {
  readonly codes: ReadonlyMap<string, Code>;
  /** Values that are never shown, wherever they turn up. */
  readonly secrets: readonly string[];
}

/** Our codes and the plugins' own, and the secrets of the configuration. */
export const createCodebook = (
  extra: Readonly<Record<string, Code>> = {},
  secrets: readonly string[] = [],
): Codebook => ({
  codes: new Map(Object.entries({ ...extra, ...codes } as Readonly<Record<string, Code>>)),
  secrets,
});

/** The innermost first cause. */
export const rootOf = (observation: Observation): Observation => pathOf(observation).at(-1) ?? observation;

/** From the observation to its innermost first cause. */
export function pathOf(observation: Observation): readonly Observation[] {
  const [first] = observation.causes;
  return first && !isTold(first, observation) ? [observation, ...pathOf(first)] : [observation];
}

/** Whether an error without a code, such as the system's, is told already by the failure that it caused. */
const isTold = ({ code, data, causes }: Observation, { data: above }: Observation): boolean => {
  const { reason } = data;
  if (code !== "internal" || causes.length > 0 || typeof reason !== "string") return false;
  return Object.values(above).some((value) => typeof value === "string" && value.includes(reason));
};

const isObservation = (value: unknown): value is Observation =>
  !(value instanceof Error) &&
  typeof value === "object" &&
  value !== null &&
  "code" in value &&
  "causes" in value &&
  Array.isArray(value.causes);

/**
 * The observation that decides how a door answers: the outermost that is not a mere wrapper. A wrapper (`wrapper:
 * true` in its code, such as `function-failed`) says only that a task failed; one around nothing speaks for itself.
 */
export function verdictOf(observation: Observation, codebook: Codebook): Observation {
  const [first] = observation.causes;
  return first && codebook.codes.get(observation.code)?.wrapper ? verdictOf(first, codebook) : observation;
}

/** What a failure means to whoever caused it, of an observation or of anything thrown; `internal` if nobody knows. */
export function kindOf(failure: unknown, codebook: Codebook): ErrorKind {
  const verdict = verdictOf(isObservation(failure) ? failure : observedOf(failure), codebook);
  return codebook.codes.get(verdict.code)?.kind ?? "internal";
}
