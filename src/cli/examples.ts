import type { FunctionDescription } from "../contract/index.ts";
import { placeholderOf } from "./field-values.ts";
import type { Field } from "./flags-from-schema.ts";

const sampleByPlaceholder: Readonly<Record<string, string>> = {
  size: "20GiB",
  duration: "50ms",
  number: "3",
  json: "'{}'",
};

/** The examples that a function declares; without any, the shortest call that has all it needs. */
export const exampleOf = (
  { name, cli }: FunctionDescription,
  positionals: readonly Field[],
  flagged: readonly Field[],
): string => {
  const command = `pagurus ${name.split(".").join(" ")}`;
  const shortest = [
    command,
    ...positionals.filter(({ required }) => required).map(sampleOf),
    ...flagged.filter(({ required }) => required).map((field) => `--${field.flag} ${sampleOf(field)}`),
  ].join(" ");
  const examples = cli?.examples?.length ? cli.examples : [shortest];
  return `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`;
};

const sampleOf = (field: Field): string =>
  field.choices[0] ?? sampleByPlaceholder[placeholderOf(field)] ?? field.flag.toUpperCase();
