import { Catalog, definePlugin, z } from "pagurus";
import { MyPluginCatalog } from "./catalog.ts";

export default definePlugin({
  id: "my-plugin",
  apiVersion: 1,
  summary: "MY-SUMMARY",
  provides: [Catalog],
  config: z.strictObject({}),
  register({ bind, id, dataDir }) {
    bind(Catalog).toConstantValue(new MyPluginCatalog(id, dataDir));
  },
});
