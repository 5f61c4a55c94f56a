import { createHash } from "node:crypto";
import { AstBuilder, GherkinClassicTokenMatcher, Parser } from "@cucumber/gherkin";
import {
  type FeatureChild,
  IdGenerator,
  type RuleChild,
  type Scenario as ScenarioNode,
} from "@cucumber/messages";
import type { Feature, Rule, Scenario } from "./feature.ts";

/** Long enough that two texts never meet, short enough for a table. */
const HASH_DIGITS = 16;

/** `path` is below the folder of all features, such as `conformance/datastore/layers.feature`. */
export const parseFeature = (path: string, text: string): Feature => {
  const parser = new Parser(new AstBuilder(IdGenerator.incrementing()), new GherkinClassicTokenMatcher());
  const { feature } = parser.parse(text);
  const [kind = "", point, file] = path.split("/");
  const tags = namesOf(feature?.tags ?? []);
  return {
    id: path.replace(/\.feature$/, "").replaceAll("/", "."),
    kind,
    ...(kind === "conformance" && point !== undefined && file !== undefined && { point }),
    name: feature?.name ?? "",
    description: plain(feature?.description),
    tags,
    rules: rulesOf(feature?.children ?? [], tags),
    hash: createHash("sha256").update(text).digest("hex").slice(0, HASH_DIGITS),
  };
};

/** In the feature's order; scenarios outside of any rule come first, as in the file. */
const rulesOf = (children: readonly FeatureChild[], inherited: readonly string[]): readonly Rule[] => {
  const outside = scenariosOf(children, inherited, backgroundOf(children));
  const rules = children.flatMap(({ rule }) => {
    if (rule === undefined) return [];
    const tags = namesOf(rule.tags);
    const background = [...backgroundOf(children), ...backgroundOf(rule.children)];
    const scenarios = scenariosOf(rule.children, [...inherited, ...tags], background);
    return [{ name: rule.name, description: plain(rule.description), tags, scenarios }];
  });
  return outside.length === 0
    ? rules
    : [{ name: "", description: "", tags: [], scenarios: outside }, ...rules];
};

const backgroundOf = (children: readonly RuleChild[]): readonly string[] =>
  children.flatMap(({ background }) => background?.steps ?? []).map(textOf);

const scenariosOf = (
  children: readonly RuleChild[],
  inherited: readonly string[],
  background: readonly string[],
): readonly Scenario[] =>
  children.flatMap(({ scenario }) =>
    scenario === undefined
      ? []
      : [
          {
            name: scenario.name,
            line: scenario.location.line,
            tags: [...inherited, ...namesOf(scenario.tags)],
            steps: [...background, ...scenario.steps.map(textOf)],
            examples: examplesOf(scenario),
          },
        ],
  );

const examplesOf = ({ examples }: ScenarioNode): number =>
  examples.length === 0 ? 1 : examples.reduce((sum, { tableBody }) => sum + tableBody.length, 0);

const textOf = ({ keyword, text }: { readonly keyword: string; readonly text: string }): string =>
  `${keyword.trim()} ${text}`;

const namesOf = (tags: readonly { readonly name: string }[]): readonly string[] =>
  tags.map(({ name }) => name);

/** Without the indentation of the file. */
const plain = (description = ""): string =>
  description
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .trim();
