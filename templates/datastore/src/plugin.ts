import { Datastore, definePlugin } from "pagurus";
import { MyPluginConfig } from "./config.ts";
import { MyPluginDatastore } from "./datastore.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  provides: [Datastore],
  config: MyPluginConfig,
  register({ bind, id, config }) {
    bind(Datastore).toConstantValue(new MyPluginDatastore(id, config));
  },
});
