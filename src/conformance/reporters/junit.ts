import { writeFile } from "node:fs/promises";
import type { Conformance, Reporter, SubjectResult } from "../conformance.ts";
import { failureText } from "../failure-text.ts";
import { type ScenarioResult, titleOf } from "../tally.ts";
import { demandWritable } from "./demand-writable.ts";
import { escaped } from "./escaped.ts";

/** Characters that XML has no way to say, or would rather not. */
const unsayable = /(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu;
const xml = (text: string): string => escaped(text.replace(unsayable, ""));

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** What shows such reports tells scenarios apart by these two. */
const attributesOf = ({ name, point }: SubjectResult, result: ScenarioResult): string => {
  const { feature, rule } = result;
  return `classname="${xml(`${name}/${point}: ${feature}`)}" name="${xml(`${rule?.title ?? ""} - ${titleOf(result)}`)}"`;
};

const outcome = (subject: SubjectResult, result: ScenarioResult): string => {
  const { verdict, message = "", logs } = result;
  if (verdict === "skipped") return `<skipped message="${xml(logs.join("; "))}"/>`;
  if (verdict === "passed") return "";
  const [first = ""] = message.split("\n");
  return `<failure message="${xml(first)}">${xml(failureText(subject, result))}</failure>`;
};

const testCases = (subject: SubjectResult): readonly string[] =>
  subject.results.map(
    (result) =>
      `<testcase ${attributesOf(subject, result)} time="${seconds(result.durationMs)}">${outcome(subject, result)}</testcase>`,
  );

/** What no scenario tells. */
const problem = (text: string): string =>
  `<testcase classname="conformance" name="${xml(text)}"><failure message="${xml(text)}"/></testcase>`;

const junitText = (conformance: Conformance): string => {
  const { kit, seed, beganAt, durationMs, subjects, problems, failed, skipped } = conformance;
  const cases = [...subjects.flatMap(testCases), ...problems.map(problem)];
  const name = `pagurus conform ${kit.version} ${kit.features} seed ${seed}`;
  return `<?xml version="1.0"?>
<testsuite name="${xml(name)}" tests="${cases.length}" skipped="${skipped}" failures="${failed}" errors="0" timestamp="${beganAt}" time="${seconds(durationMs)}">
${cases.join("\n")}
</testsuite>
`;
};

/** Writes the report as JUnit's XML, for what shows the results of continuous integration. */
export const junitFile = (path: string): Reporter => ({
  begin: () => demandWritable(path),
  end: (conformance) => writeFile(path, junitText(conformance)),
});
