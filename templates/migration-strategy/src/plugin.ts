import { definePlugin, MigrationStrategy, z } from "pagurus";
import { MyPluginStrategy } from "./strategy.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  provides: [MigrationStrategy],
  config: z.strictObject({}),
  register({ bind, id }) {
    bind(MigrationStrategy).toConstantValue(new MyPluginStrategy(id));
  },
});
