import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** What the catalog knows of itself: its schema's version, and how often it was opened. */
type Fact = "version" | "boot";

export const readMeta = async (db: Kysely<Tables>, key: Fact): Promise<number | undefined> => {
  const row = await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row && Number(row.value);
};

export const writeMeta = async (db: Kysely<Tables>, key: Fact, value: number): Promise<void> => {
  const text = String(value);
  await db
    .insertInto("meta")
    .values({ key, value: text })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value: text }))
    .execute();
};
