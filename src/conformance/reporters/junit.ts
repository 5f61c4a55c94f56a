import { writeFile } from "node:fs/promises";
import type { Conformance, Reporter, SubjectResult } from "../conformance.ts";
import { failureText } from "../failure-text.ts";
import type { ScenarioResult } from "../tally.ts";
import { escaped } from "./escaped.ts";

/** Characters that XML has no way to say, or would rather not. */
const unsayable = /(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu;
const xml = (text: string): string => escaped(text.replace(unsayable, ""));

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** What shows such reports tells scenarios apart by these two; rows of examples may have one name. */
const titlesOf = ({ name, point, results }: SubjectResult): readonly string[] => {
  const seen = new Map<string, number>();
  return results.map(({ feature, rule, name: scenario }) => {
    const title = `classname="${xml(`${name}/${point}: ${feature}`)}" name="${xml(`${rule?.title ?? ""} - ${scenario}`)}`;
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    return `${title}${count === 1 ? "" : ` #${count}`}"`;
  });
};

const outcome = (subject: SubjectResult, result: ScenarioResult): string => {
  const { verdict, message = "", logs } = result;
  if (verdict === "skipped") return `<skipped message="${xml(logs.join("; "))}"/>`;
  if (verdict === "passed") return "";
  const [first = ""] = message.split("\n");
  return `<failure message="${xml(first)}">${xml(failureText(subject, result))}</failure>`;
};

const testCases = (subject: SubjectResult): readonly string[] => {
  const titles = titlesOf(subject);
  return subject.results.map(
    (result, index) =>
      `<testcase ${titles[index]} time="${seconds(result.durationMs)}">${outcome(subject, result)}</testcase>`,
  );
};

/** What the run has lost of its coverage, which no scenario tells. */
const lostIn = ({ results, failures }: Conformance): readonly string[] =>
  failures
    .slice(results.filter(({ verdict }) => verdict === "failed").length)
    .map(
      (lost) =>
        `<testcase classname="coverage" name="${xml(lost)}"><failure message="${xml(lost)}"/></testcase>`,
    );

const junitText = (conformance: Conformance): string => {
  const { kit, seed, subjects, failed, skipped } = conformance;
  const cases = [...subjects.flatMap(testCases), ...lostIn(conformance)];
  const name = `pagurus conform ${kit.version} ${kit.features} seed ${seed}`;
  const time = seconds(subjects.reduce((sum, { durationMs }) => sum + durationMs, 0));
  return `<?xml version="1.0"?>
<testsuite name="${xml(name)}" tests="${cases.length}" skipped="${skipped}" failures="${failed}" errors="0" time="${time}">
${cases.join("\n")}
</testsuite>
`;
};

/** Writes the report as JUnit's XML, for what shows the results of continuous integration. */
export const junitFile = (path: string): Reporter => ({
  end: (conformance) => writeFile(path, junitText(conformance)),
});
