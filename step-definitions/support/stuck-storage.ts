import { existsSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { Datastore, definePlugin, extensionPoint, type Layer, z } from "pagurus";
import local from "pagurus/plugins/datastore-local";
import { withOther } from "./with-other.ts";

const Below = extensionPoint<Datastore>("stuck-storage/below");

/** As a flush of storage that doesn't answer: a thread of the pool waits in the kernel. */
const hang = async (pipe: string, layer: string): Promise<void> => {
  if (!existsSync(pipe)) return;
  writeFileSync(`${pipe}-${layer}`, "");
  await (await open(pipe, "r")).close();
};

/** A local datastore whose flushes hang for as long as there is a pipe that nobody has opened for writing. */
export default definePlugin({
  id: "stuck-storage",
  apiVersion: 1,
  summary: "A local datastore on storage that hangs",
  provides: [Datastore],
  requires: [...(local.requires ?? [])],
  config: z.strictObject({ root: z.string(), pipe: z.string() }),
  register({ bind, id, config: { root, pipe }, dataDir }) {
    const bindBelow: typeof bind = (token) => bind(token === Datastore ? (Below as never) : token);
    local.register?.({ bind: bindBelow, id, config: { root }, dataDir });
    const stuck = (layer: Layer): Layer =>
      withOther(layer, {
        async flush() {
          await hang(pipe, layer.ref.layer);
          await layer.flush();
        },
      });
    bind(Datastore).toResolvedValue(
      (below) =>
        withOther(below, { open: async (layer, options) => stuck(await below.open(layer, options)) }),
      [Below],
    );
  },
});
