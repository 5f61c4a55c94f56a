import { CodedError, type PluginFunction, type z } from "../../contract/index.ts";

/** One thing that is wrong with an input: `pointer` is an RFC 6901 JSON pointer to the field. */
interface InputProblem {
  readonly pointer: string;
  readonly problem: string;
}

/** Refuses with `input-invalid`, naming everything that is wrong. */
export const validInput = async (declared: PluginFunction, input: unknown): Promise<unknown> => {
  const parsed = await declared.input.safeParseAsync(input);
  if (parsed.success) return parsed.data;
  const details = problemsOf(parsed.error.issues);
  const problems = details.map(({ pointer, problem }) => `${nameOf(pointer)}: ${problem}`).join("; ");
  throw new CodedError("input-invalid", { function: declared.name, problems, details });
};

/** An output that its own schema refuses is the function's mistake, never the caller's. */
export const validOutput = async (declared: PluginFunction, output: unknown): Promise<unknown> => {
  const parsed = await declared.output.safeParseAsync(output);
  if (parsed.success) return parsed.data;
  const reason = `${declared.name} answered what its own schema refuses`;
  throw new CodedError("internal", { reason, details: problemsOf(parsed.error.issues) });
};

const problemsOf = (issues: readonly z.core.$ZodIssue[]): readonly InputProblem[] =>
  issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys")
      return [{ pointer: pointerOf(issue.path), problem: issue.message }];
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), problem: "unknown field" }));
  });

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const nameOf = (pointer: string): string =>
  pointer === "" ? "input" : pointer.slice(1).replaceAll("/", ".");
