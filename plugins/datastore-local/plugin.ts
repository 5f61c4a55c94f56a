import { Datastore, definePlugin, Log } from "pagurus";
import { native } from "pagurus/native";
import { LocalConfig } from "./config.ts";
import { LocalDatastore } from "./datastore.ts";
import { nodeFiles } from "./node-files.ts";

export default definePlugin({
  id: "datastore-local",
  apiVersion: 1,
  summary: "Layers as sparse raw files in a directory",
  provides: [Datastore],
  requires: [Log],
  config: LocalConfig,
  register({ bind, id, config }) {
    const files = nodeFiles(native);
    bind(Datastore).toResolvedValue((log) => new LocalDatastore(id, config, { files, log }), [Log]);
  },
});
