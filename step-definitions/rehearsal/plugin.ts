import { Datastore, definePlugin, extensionPoint, z } from "pagurus";
import local from "pagurus/plugins/datastore-local";
import { RehearsedDatastore } from "./datastore.ts";

const Below = extensionPoint<Datastore>("rehearsal/below");

/** A local datastore whose operations a scenario can hold, fail and spoil. */
export default definePlugin({
  id: "rehearsal",
  apiVersion: 1,
  summary: "A local datastore that follows the script of a scenario",
  provides: [Datastore],
  requires: [...(local.requires ?? [])],
  config: z.strictObject({
    root: z.string().describe("directory that holds the layers"),
    channel: z.string().describe("where the conductor speaks"),
  }),
  register({ bind, id, config: { root, channel }, dataDir }) {
    const bindBelow: typeof bind = (token) => bind(token === Datastore ? (Below as never) : token);
    local.register?.({ bind: bindBelow, id, config: { root }, dataDir });
    bind(Datastore).toResolvedValue((below) => new RehearsedDatastore(below, channel), [Below]);
  },
});
