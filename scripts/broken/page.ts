import { type ScenarioResult, scenarioPlace } from "../../src/conformance/tally.ts";
import { neverAlone, reasons } from "./never-alone.ts";
import { isDirected, type Verdict } from "./verdict.ts";

export interface PointVerdicts {
  readonly point: string;
  readonly verdicts: readonly Verdict[];
  /** All scenarios of the point. */
  readonly scenarios: readonly ScenarioResult[];
}

const head = `# Broken plugins

For every rule of the conformance features there is at least one plugin that breaks it, sound but for a few lines, which the kit
must catch. Those that fail scenarios of other rules too declare them. This page is made by \`npm run broken -- --write\`.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const code = (text: string): string => `\`${text}\``;

const row = ({ plugin, caughtBy, besides }: Verdict): string =>
  `| ${[code(plugin.rule), plugin.fault, caughtBy.join("; "), besides.join("; ")].map(cell).join(" | ")} |`;

const section = ({ point, verdicts, scenarios }: PointVerdicts): string => {
  const directed = new Set(scenarios.filter(isDirected).map(scenarioPlace)).size;
  const needed = directed - neverAlone(verdicts, scenarios).length;
  return [
    `## ${point}`,
    "",
    `${verdicts.length} broken plugins; ${needed} of ${directed} directed scenarios are the only directed one to fail for one of them.`,
    "",
    ...Object.entries(reasons[point] ?? {}).map(([name, reason]) => `- Not “${name}”: ${reason}`),
    ...(reasons[point] ? [""] : []),
    "| rule | what is wrong | caught by | and by |",
    "| --- | --- | --- | --- |",
    ...verdicts.map(row),
    "",
  ].join("\n");
};

/** The page with these points' sections in it, in the place of those that it had. */
export const pageWith = (page: string, points: readonly PointVerdicts[]): string => {
  const [, ...kept] = page.split(/^(?=## )/m);
  const sections = new Map(kept.map((text) => [/^## (.*)/.exec(text)?.[1] ?? "", `${text.trimEnd()}\n`]));
  for (const of of points) sections.set(of.point, section(of));
  const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : 1));
  return [head, ...sorted.map(([, text]) => text)].join("\n");
};
