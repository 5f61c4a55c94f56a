import { definePlugin, type PluginFunction, z } from "../../contract/index.ts";
import { acceptanceFunctions } from "./acceptance-runs.ts";
import { datastoreFunctions } from "./datastores.ts";
import { diskFunctions } from "./disks.ts";
import { aDiskThatMoves } from "./example-setups.ts";
import { featureFunctions } from "./features.ts";
import { imageFunctions } from "./images.ts";
import { inspectionFunctions } from "./inspection.ts";
import { jobFunctionsFor } from "./jobs.ts";
import { migrationFunctions } from "./migrations.ts";
import { rescueFunctions } from "./rescue.ts";
import { upkeepFunctions } from "./upkeep.ts";

/** Everything that can be done without any other plugin. */
export const engineFunctions: readonly PluginFunction[] = [
  ...diskFunctions,
  ...imageFunctions,
  ...datastoreFunctions,
  ...rescueFunctions,
  ...migrationFunctions,
  ...jobFunctionsFor({ noun: "jobs", what: "job", begun: aDiskThatMoves }),
  ...featureFunctions,
  ...acceptanceFunctions,
  ...inspectionFunctions,
  ...upkeepFunctions,
];

export default definePlugin({
  id: "engine",
  apiVersion: 1,
  summary: "Disks, datastores, migrations, jobs, features, reports",
  config: z.strictObject({}),
  functions: engineFunctions,
});
