import { definePlugin, ErrorSink } from "pagurus";
import { MyPluginConfig } from "./config.ts";
import { MyPluginSink } from "./sink.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  provides: [ErrorSink],
  config: MyPluginConfig,
  register({ bind, id, config }) {
    bind(ErrorSink).toConstantValue(new MyPluginSink(id, config));
  },
});
