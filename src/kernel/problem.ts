import type { CodeData, KnownCode } from "../contract/codes/index.ts";
import { CodedError, reasonOf } from "../contract/errors.ts";
import type { JsonObject } from "../contract/json.ts";
import { createCodebook, observationOf, sentenceOf } from "../observations/index.ts";

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where: `datastores.fast.root`. */
  readonly key: string;
  /** What is there, redacted; absent where nothing is. */
  readonly found?: string;
  readonly wanted: string;
  readonly nearMiss?: string;
  /** Of the code that describes it, where one does. */
  readonly code?: string;
}

/** A problem that a code of the catalogue describes. */
export const codedProblem = <C extends KnownCode>(key: string, code: C, data: CodeData<C>): Problem =>
  problemOf(key, new CodedError(code, data));

/** The problem that an error, thrown while plugins were loaded, stands for: its own sentence says the reason. */
export const problemOf = (key: string, error: unknown): Problem =>
  CodedError.is(error)
    ? { key, code: error.code, wanted: sentence(error) }
    : { key, wanted: reasonOf(error) };

const sentence = (error: CodedError): string =>
  sentenceOf({ ...observationOf(error), causes: [] }, createCodebook()).replace(/\.$/, "");

const textOf = ({ key, found, wanted, nearMiss, code }: Problem): string => {
  const what = code || found === undefined ? wanted : `found ${found}, ${wanted}`;
  return `\`${key}\`: ${what}${nearMiss ? `; did you mean \`${nearMiss}\`?` : ""}`;
};

/** Refuses a configuration, naming all that is wrong with it at once. */
export const configInvalid = (source: string, problems: readonly Problem[]) =>
  new CodedError("config-invalid", {
    source,
    count: problems.length,
    problems: problems.map(textOf).join(" — "),
    details: problems.map((problem): JsonObject => ({ ...problem })),
  });
