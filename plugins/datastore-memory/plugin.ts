import { Datastore, definePlugin } from "pagurus";
import { MemoryConfig } from "./config.ts";
import { MemoryDatastore } from "./datastore.ts";

export default definePlugin({
  id: "datastore-memory",
  apiVersion: 1,
  summary: "Layers in this process's memory, gone when it ends",
  provides: [Datastore],
  config: MemoryConfig,
  register({ bind, id, config }) {
    bind(Datastore).toConstantValue(new MemoryDatastore(id, config));
  },
});
