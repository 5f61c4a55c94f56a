import { setTimeout as sleep } from "node:timers/promises";
import { Datastore, definePlugin, FilePath, type Layer, Log, z } from "pagurus";
import { native } from "pagurus/native";
import { LocalDatastore } from "../../plugins/datastore-local/datastore.ts";
import { nodeFiles } from "../../plugins/datastore-local/node-files.ts";
import { withOther } from "../../step-definitions/support/with-other.ts";

const slow = (layer: Layer, flushDelayMs: number): Layer =>
  withOther(layer, {
    async flush() {
      await layer.flush();
      await sleep(flushDelayMs);
    },
  });

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
      (log) => {
        const below = new LocalDatastore(id, { root }, { files, log });
        return withOther<Datastore>(below, {
          open: async (layer, options) => slow(await below.open(layer, options), flushDelayMs),
        });
      },
      [Log],
    );
  },
});
