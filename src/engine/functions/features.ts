import { type Feature, scenariosOf } from "../../acceptance/index.ts";
import type { ScenarioRow } from "../../catalog/index.ts";
import { defineFunction, z } from "../../contract/index.ts";
import { given, pageInput, pageOf } from "./pages.ts";
import { AcceptanceToken, StoreToken } from "./tokens.ts";

const Verdict = z.enum(["passed", "failed", "skipped"]);

const FeatureSummary = z.object({
  id: z.string(),
  kind: z.string().describe("`conformance` is about plugins; all others are about Pagurus itself"),
  point: z.string().optional().describe("the extension point that it is about"),
  name: z.string(),
  scenarios: z.number(),
  runnable: z
    .boolean()
    .describe("whether this server can run it: all but the conformance features need a checkout of Pagurus"),
  results: z
    .array(z.object({ subject: z.string(), passed: z.number(), failed: z.number(), skipped: z.number() }))
    .describe("scenarios by their last result, for each subject that was tried"),
});

const ScenarioResult = z.object({
  subject: z.string().describe("what was tried: a plugin's id, or `pagurus`"),
  verdict: Verdict,
  message: z.string().nullable().describe("what failed first, or why it was skipped"),
  examples: z.number().describe("how many of its examples have ended"),
  seed: z.number().nullable().describe("repeats its random parts"),
  version: z.string().describe("of the package"),
  current: z.boolean().describe("whether the feature still reads as it did then"),
  job: z.string().describe("the acceptance run"),
  at: z.string(),
});

const FeatureView = FeatureSummary.extend({
  description: z.string(),
  hash: z.string().describe("of its text"),
  rules: z.array(
    z.object({
      name: z.string().describe("the promise; empty for scenarios outside of any"),
      description: z.string(),
      tags: z.array(z.string()),
      scenarios: z.array(
        z.object({
          name: z.string(),
          tags: z.array(z.string()),
          steps: z.array(z.string()),
          examples: z.number().describe("how often it runs, with other values each time"),
          results: z.array(ScenarioResult),
        }),
      ),
    }),
  ),
});

export const featureFunctions = [
  defineFunction({
    name: "features.list",
    summary: "List what Pagurus and its plugins promise, with the last results",
    kind: "call",
    effect: "read",
    input: z.strictObject({
      ...pageInput,
      kind: z.string().optional().describe("only those of this kind, such as `conformance`"),
    }),
    output: pageOf(FeatureSummary),
    examples: [{}, { kind: "conformance", limit: 1 }],
    http: { method: "GET", path: "/v1/features" },
    cli: { examples: ["pagurus features list --kind conformance"] },
    uses: { acceptance: AcceptanceToken, store: StoreToken },
    async run({ kind, limit, after = "" }, { acceptance, store }) {
      const { library } = acceptance;
      const all = (await library.list()).filter(
        (feature) => feature.id > after && (kind === undefined || feature.kind === kind),
      );
      const shown = all.slice(0, limit);
      const rows = await store.scenarios.list();
      return given({
        items: shown.map((feature) => summaryOf(feature, library.canRun(feature), rows)),
        next: shown.length < all.length ? shown.at(-1)?.id : undefined,
      });
    },
  }),
  defineFunction({
    name: "features.show",
    summary: "Show a feature: its rules, their scenarios and how each ended last",
    kind: "call",
    effect: "read",
    input: z.strictObject({ id: z.string().describe("id of the feature") }),
    output: FeatureView,
    examples: [{ id: "conformance.hash-function.parts" }],
    http: { method: "GET", path: "/v1/features/{id}" },
    cli: { positionals: ["id"], examples: ["pagurus features show conformance.datastore.layers"] },
    uses: { acceptance: AcceptanceToken, store: StoreToken },
    async run({ id }, { acceptance, store }) {
      const { library } = acceptance;
      const feature = await library.get(id);
      const rows = await store.scenarios.list({ feature: id });
      return viewOf(feature, library.canRun(feature), rows);
    },
  }),
];

const verdictOf = ({ failed, passed }: ScenarioRow): z.output<typeof Verdict> =>
  failed > 0 ? "failed" : passed > 0 ? "passed" : "skipped";

/** Results of scenarios that the feature no longer has are left out. */
function summaryOf(feature: Feature, runnable: boolean, rows: readonly ScenarioRow[]) {
  const { id, kind, point, name } = feature;
  const known = rows.filter((row) => isIn(feature, row));
  const results = [...new Set(known.map(({ subject }) => subject))].map((subject) => {
    const count = (verdict: string) =>
      known.filter((row) => row.subject === subject && verdictOf(row) === verdict).length;
    return { subject, passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  });
  return { ...given({ id, kind, point, name }), scenarios: scenariosOf(feature).length, runnable, results };
}

const isIn = ({ id, rules }: Feature, { feature, rule, scenario }: ScenarioRow): boolean =>
  feature === id &&
  rules.some(({ name, scenarios }) => name === rule && scenarios.some((one) => one.name === scenario));

function viewOf(
  feature: Feature,
  runnable: boolean,
  rows: readonly ScenarioRow[],
): z.input<typeof FeatureView> {
  const { description, hash, rules } = feature;
  return {
    ...summaryOf(feature, runnable, rows),
    description,
    hash,
    rules: rules.map(({ name, description: words, tags, scenarios }) => ({
      name,
      description: words,
      tags: [...tags],
      scenarios: scenarios.map((scenario) => ({
        name: scenario.name,
        tags: [...scenario.tags],
        steps: [...scenario.steps],
        examples: scenario.examples,
        results: rows
          .filter((row) => row.rule === name && row.scenario === scenario.name)
          .map((row) => resultOf(row, hash)),
      })),
    })),
  };
}

const resultOf = (row: ScenarioRow, hash: string): z.input<typeof ScenarioResult> => ({
  subject: row.subject,
  verdict: verdictOf(row),
  message: row.message,
  examples: row.passed + row.failed + row.skipped,
  seed: row.seed,
  version: row.version,
  current: row.featureHash === hash,
  job: row.job,
  at: new Date(row.at).toISOString(),
});
