import { DiskExport, definePlugin, z } from "pagurus";
import { MyPluginExport } from "./export.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  provides: [DiskExport],
  config: z.strictObject({}),
  register({ bind, id, dataDir }) {
    bind(DiskExport).toConstantValue(new MyPluginExport(id, dataDir));
  },
});
