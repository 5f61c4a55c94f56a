import { Datastore, definePlugin, FilePath, Log, z } from "pagurus";
import { native } from "pagurus/native";
import { LocalDatastore } from "../../../plugins/datastore-local/datastore.ts";
import { nodeFiles } from "../../../plugins/datastore-local/node-files.ts";
import { SlowDatastore } from "./slow-datastore.ts";

/** A local datastore whose disk takes longer for each flush: what a move makes of a slow target. */
export default definePlugin({
  id: "slow-flush",
  apiVersion: 1,
  summary: "A local datastore with a delay added to each flush",
  provides: [Datastore],
  requires: [Log],
  config: z.strictObject({
    root: FilePath.describe("directory that holds the layers"),
    flushDelayMs: z.int().min(0).describe("added to each flush"),
  }),
  register({ bind, id, config: { root, flushDelayMs } }) {
    const files = nodeFiles(native);
    bind(Datastore).toResolvedValue(
      (log) => new SlowDatastore(new LocalDatastore(id, { root }, { files, log }), flushDelayMs),
      [Log],
    );
  },
});
