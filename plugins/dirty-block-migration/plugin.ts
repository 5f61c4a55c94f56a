import { definePlugin, MigrationStrategy } from "pagurus";
import { DirtyBlockConfig } from "./config.ts";
import { DirtyBlockMigration } from "./dirty-block-migration.ts";

export default definePlugin({
  id: "dirty-block-migration",
  apiVersion: 1,
  summary:
    "Copies a disk while it is written, again and again what was written, until the rest fits a short pause",
  provides: [MigrationStrategy],
  config: DirtyBlockConfig,
  register({ bind, config }) {
    bind(MigrationStrategy).toConstantValue(new DirtyBlockMigration(config));
  },
});
