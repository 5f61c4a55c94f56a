import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { migrate } from "../migrate.ts";
import { schemaSteps } from "../schema-steps.ts";
import { startedCatalog } from "../scratch-store.ts";
import type { Tables } from "../tables.ts";
import { earlierSchemas } from "./index.ts";

const scratchDatabase = async () => {
  const path = join(mkdtempSync(join(tmpdir(), "pagurus-schema-")), "catalog.db");
  const db = new Kysely<Tables>({ dialect: (await startedCatalog(path)).dialect() });
  return {
    db,
    /** All that the database knows of its schema, constraints and indexes too. */
    schema: async () =>
      (await sql<object>`select type, name, tbl_name, sql from sqlite_master order by name`.execute(db)).rows,
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      rmSync(dirname(path), { recursive: true });
    },
  };
};

test("each version but the newest is written down", () => {
  expect(earlierSchemas.map(({ version }) => version)).toEqual(
    schemaSteps.slice(0, -1).map(({ version }) => version),
  );
});

test.each(earlierSchemas)(
  "what a release with version $version has made is not changed by the steps of today",
  async ({ version, statements }) => {
    await using written = await scratchDatabase();
    for (const statement of statements) await sql.raw(statement).execute(written.db);
    await using stepped = await scratchDatabase();
    const steps = schemaSteps.filter((step) => step.version <= version);
    await migrate(stepped.db, { catalog: "c", steps });
    expect(await written.schema()).toEqual(await stepped.schema());
  },
);
