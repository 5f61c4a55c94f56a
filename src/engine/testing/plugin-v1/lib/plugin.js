import { Clock, Datastore, definePlugin, ErrorSink, FilePath, Log, Metrics, z } from "pagurus";
import { DriftwoodDatastore } from "./datastore.js";
import { driftwoodFunctions } from "./functions.js";
import { DriftwoodSink } from "./sink.js";
/** One plugin behind two points, with functions, codes of its own and host services. */
export default definePlugin({
  id: "driftwood",
  apiVersion: 1,
  summary: "Disks in memory, reports in a file",
  provides: [Datastore, ErrorSink],
  requires: [Log, Clock, Metrics],
  config: z.strictObject({
    reports: FilePath.optional().describe("file that reports are added to"),
    limitBytes: z
      .int()
      .positive()
      .default(64 * 1024 * 1024)
      .describe("how much all layers may hold together"),
  }),
  functions: driftwoodFunctions,
  observations: {
    "driftwood-adrift": {
      kind: "conflict",
      message: "The log {log} has drifted away",
      remedy: "Throw another one",
    },
  },
  register({ bind, id, config, dataDir }) {
    bind(Datastore).toConstantValue(new DriftwoodDatastore(id, config));
    bind(ErrorSink).toResolvedValue(
      (log, clock) => new DriftwoodSink(id, config.reports ?? `${dataDir}/driftwood.jsonl`, { log, clock }),
      [Log, Clock],
    );
  },
});
