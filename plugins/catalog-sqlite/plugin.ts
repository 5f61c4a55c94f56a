import { resolve } from "node:path";
import { Catalog, definePlugin } from "pagurus";
import { SqliteCatalog } from "./catalog.ts";
import { SqliteCatalogConfig } from "./config.ts";

export default definePlugin({
  id: "catalog-sqlite",
  apiVersion: 1,
  summary: "The catalog in one SQLite file: nothing to install, one server",
  provides: [Catalog],
  config: SqliteCatalogConfig,
  register({ bind, id, config, dataDir }) {
    bind(Catalog).toConstantValue(new SqliteCatalog(id, resolve(dataDir, config.path)));
  },
});
