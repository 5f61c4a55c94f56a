import { Datastore, definePlugin } from "pagurus";
import { FolderStoreConfig } from "./config.ts";
import { FolderStoreDatastore } from "./datastore.ts";

export default definePlugin({
  id: "folder-store",
  apiVersion: 1,
  summary: "Each layer as two files of a folder",
  provides: [Datastore],
  config: FolderStoreConfig,
  register({ bind, id, config }) {
    bind(Datastore).toConstantValue(new FolderStoreDatastore(id, config));
  },
});
