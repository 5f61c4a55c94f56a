import type { Kysely } from "kysely";
import { CodedError } from "../contract/index.ts";
import { readMeta, writeMeta } from "./meta.ts";
import type { SchemaStep } from "./schema-steps.ts";
import type { Tables } from "./tables.ts";

/**
 * Takes the steps that the catalog hasn't had, each with its version number in one transaction. One that is newer
 * than the last step is refused with nothing changed (`catalog-newer`), one that isn't ours too (`catalog-damaged`).
 */
export const migrate = async (
  db: Kysely<Tables>,
  { catalog, steps }: { readonly catalog: string; readonly steps: readonly SchemaStep[] },
): Promise<void> => {
  const found = await versionOf(db, catalog);
  const known = Math.max(...steps.map(({ version }) => version));
  if (found > known) throw new CodedError("catalog-newer", { catalog, found, known });
  for (const step of steps.filter(({ version }) => version > found))
    await db.transaction().execute(async (trx) => {
      await step.up(trx.schema);
      await writeMeta(trx, "version", step.version);
    });
};

/** 0 for an empty database. */
const versionOf = async (db: Kysely<Tables>, catalog: string): Promise<number> => {
  const tables = await db.introspection.getTables();
  if (tables.length === 0) return 0;
  const version = tables.some(({ name }) => name === "meta") ? await readMeta(db, "version") : undefined;
  if (version === undefined)
    throw new CodedError("catalog-damaged", { catalog, reason: "its tables are not those of a catalog" });
  return version;
};
