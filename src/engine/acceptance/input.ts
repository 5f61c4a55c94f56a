import { z } from "../../contract/index.ts";

/** The function whose jobs are acceptance runs. */
export const ACCEPT = "acceptance-runs.start";

/** What of Pagurus itself is tried, where no plugin is named. */
export const OURSELVES = "pagurus";

export const AcceptanceRunInput = z
  .strictObject({
    plugin: z
      .string()
      .optional()
      .describe(
        "id of the plugin that is to keep the promises of its extension points; without it the features must be others than those",
      ),
    configuration: z
      .record(z.string(), z.json())
      .optional()
      .describe("the plugin's configuration; `{tmp}` in its texts becomes a fresh folder for each scenario"),
    features: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("ids of the features to run, by default all that the plugin must keep"),
    tags: z.string().min(1).optional().describe("a tag expression that narrows the scenarios"),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .optional()
      .describe("repeats the random parts of an earlier run"),
  })
  .refine(({ plugin, features }) => plugin !== undefined || features !== undefined, {
    error: "give a plugin, or features that need none",
  })
  .refine(
    ({ plugin, configuration, seed }) =>
      plugin !== undefined || (configuration === undefined && seed === undefined),
    { error: "a configuration and a seed are for a plugin; give `plugin` too" },
  );
export type AcceptanceRunInput = z.output<typeof AcceptanceRunInput>;

/** What a run in which nothing failed has found. */
export const AcceptanceRunOutput = z.object({
  subject: z.string().describe("what was tried: a plugin's id, or `pagurus`"),
  seed: z.number().nullable().describe("give it to repeat the random parts"),
  version: z.string().describe("of the package"),
  featuresHash: z.string().describe("of the features that were run"),
  scenarios: z.number().describe("examples of an outline count one each"),
  passed: z.number(),
  skipped: z.number().describe("those that do not apply, each with its reason in the feature"),
});
export type AcceptanceRunOutput = z.output<typeof AcceptanceRunOutput>;
