import type { Reporter } from "../conformance/conformance.ts";
import { CodedError } from "../contract/index.ts";
import type { Cli } from "./cli.ts";

const kinds = ["json", "junit", "ndjson", "html"] as const;
type Kind = (typeof kinds)[number];

export const reportTarget = `${kinds.join(", ")}, each =FILE`;

const isKind = (name: string | undefined): name is Kind => kinds.some((kind) => kind === name);

/** Who is told of the run: people or, with --json, programs on standard output; and the files. */
export const reportersOf = async (targets: readonly string[], cli: Cli): Promise<readonly Reporter[]> => {
  const { host, options } = cli;
  const { htmlFile, jsonFile, jsonText, junitFile, ndjsonFile, silent, terminal } = await import(
    "../conformance/reporters/index.ts"
  );
  const files = { json: jsonFile, junit: junitFile, ndjson: ndjsonFile, html: htmlFile };
  const people = options.quiet ? silent : terminal(host.out);
  const reporters: Reporter[] = [
    options.json ? { end: (conformance) => void host.out.write(jsonText(conformance)) } : people,
  ];
  for (const target of targets) {
    const [, kind, path = ""] = /^([^=]*)=(.+)$/s.exec(target) ?? [];
    if (!isKind(kind))
      throw usage(`--report ${target} is not one of ${kinds.map((known) => `${known}=FILE`).join(", ")}`);
    reporters.push(files[kind](path));
  }
  return reporters;
};

const usage = (problem: string) =>
  new CodedError("usage-invalid", { problem, help: "pagurus conform --help" });
