import { writeFile } from "node:fs/promises";
import type { Conformance, Reporter, SubjectResult } from "../conformance.ts";
import { capabilitiesText, needsText, type Share } from "../coverage.ts";
import { subjectText } from "../failure-text.ts";
import { countsText, type ScenarioResult, titleOf } from "../tally.ts";
import { demandWritable } from "./demand-writable.ts";
import { escaped } from "./escaped.ts";
import { pageStyle } from "./html-style.ts";

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const shareText = ({ ran, of }: Share): string => `${ran} of ${of}`;

const bar = ({ ran, of }: Share): string => `<meter min="0" max="${of}" value="${ran}"></meter>`;

const failure = (result: ScenarioResult): string => {
  const { rule, where, step, message = "", seed, repeat } = result;
  return `<article class="failed">
<h4>${escaped(rule?.title ?? result.feature)} ${rule?.name === undefined ? "" : `<code>@rule:${escaped(rule.name)}</code>`}</h4>
<p>${escaped(titleOf(result))} <small>${escaped(where)}, seed ${seed}</small></p>
${step === undefined ? "" : `<p class="step">${escaped(step)}</p>`}
<pre>${escaped(message)}</pre>
${repeat === undefined ? "" : `<p>To repeat it: <code>${escaped(repeat)}</code></p>`}
</article>`;
};

const coverage = ({ coverage: covered, ...subject }: SubjectResult): string => {
  const { capabilities, notProven } = covered;
  const rows = Object.entries(capabilities).map(
    ([name, share]) => `<tr><td>${escaped(name)}</td><td>${bar(share)}</td><td>${shareText(share)}</td></tr>`,
  );
  return `<p>Capabilities: ${escaped(capabilitiesText(subject.capabilities)) || "none"}.
${covered.of > covered.ran ? `Not run: ${escaped(needsText(covered))}.` : "All scenarios were run."}
${notProven.map((what) => `<strong>${escaped(what)}: not proven.</strong>`).join(" ")}</p>
${rows.length > 0 ? `<table><tr><th>capability</th><th></th><th>scenarios run</th></tr>${rows.join("\n")}</table>` : ""}`;
};

/** By feature, and in it by rule, in the order in which they are written. */
const grouped = (results: readonly ScenarioResult[], keyOf: (result: ScenarioResult) => string) =>
  [...new Set(results.map(keyOf))].map(
    (key) => [key, results.filter((result) => keyOf(result) === key)] as const,
  );

/** Why it was not run, or how long it took; the kit's own may take none. */
const remark = ({ verdict, logs, durationMs }: ScenarioResult): string => {
  if (verdict === "skipped") return logs.join("; ");
  return durationMs > 0 ? `${durationMs} ms` : "";
};

const scenario = (result: ScenarioResult): string =>
  `<li class="${result.verdict}">${escaped(titleOf(result))} <small>${escaped(remark(result))}</small></li>`;

const allScenarios = (results: readonly ScenarioResult[]): string =>
  grouped(results, ({ feature }) => feature)
    .map(([feature, ofFeature]) => {
      const rules = grouped(ofFeature, ({ rule }) => rule?.title ?? "").map(
        ([title, ofRule]) => `<h5>${escaped(title)}</h5><ul>${ofRule.map(scenario).join("\n")}</ul>`,
      );
      return `<h4>${escaped(feature)}</h4>${rules.join("\n")}`;
    })
    .join("\n");

const section = (subject: SubjectResult): string => {
  const { results, specifier, coverage: share, durationMs } = subject;
  const failures = results.filter(({ verdict }) => verdict === "failed");
  const state = failures.length > 0 ? "failed" : "passed";
  return `<section class="${state}">
<h2>${escaped(subjectText(subject))} <span>${state}</span></h2>
<p><code>${escaped(specifier)}</code>: ${shareText(share)} scenarios run in ${seconds(durationMs)}; ${countsText(subject)}</p>
${failures.length > 0 ? `<h3>What failed</h3>${failures.map(failure).join("\n")}` : ""}
<h3>What was put to the test</h3>
${coverage(subject)}
<details><summary>All scenarios</summary>${allScenarios(results)}</details>
</section>`;
};

/** The whole report as one page that needs nothing else. */
const htmlText = (conformance: Conformance): string => {
  const { kit, seed, beganAt, durationMs, ok, subjects, problems } = conformance;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Conformance of ${escaped(subjects.map(({ name }) => name).join(", "))}</title>
<style>${pageStyle}</style></head>
<body><header class="${ok ? "passed" : "failed"}">
<h1>${ok ? "Conforms" : "Does not conform"}</h1>
<p>${countsText(conformance)}</p>
${problems.map((problem) => `<pre>${escaped(problem)}</pre>`).join("\n")}
<p>Begun at <time datetime="${beganAt}">${beganAt}</time>, took ${seconds(durationMs)}</p>
<p><small>pagurus ${escaped(kit.version)}, features <code>${escaped(kit.features)}</code>, seed ${seed}</small></p>
</header>
${subjects.map(section).join("\n")}
</body></html>
`;
};

/** Writes the report as one page of HTML. */
export const htmlFile = (path: string): Reporter => ({
  begin: () => demandWritable(path),
  end: (conformance) => writeFile(path, htmlText(conformance)),
});
