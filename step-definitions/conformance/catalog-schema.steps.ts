import assert from "node:assert/strict";
import { sql } from "kysely";
import { type EarlierSchema, earlierSchemas, newestVersion, openTables } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { CatalogUnderTest, PROCESSES_MS } from "./catalog/catalog-under-test.ts";
import { contentOf, fill, lost, schemaOf, tableNames } from "./catalog/content.ts";
import { refusalOf } from "./catalog/refusals.ts";
import type { Kit } from "./world.ts";

/** All that a catalog held at some time. */
class Before {
  content: readonly string[] = [];
}

const catalogOf = (kit: Kit) => kit.part(CatalogUnderTest);

const remember = async (kit: Kit): Promise<void> => {
  kit.part(Before).content = await contentOf((await catalogOf(kit).open()).db);
};

/** As the engine makes them in a catalog that nobody has used. */
const freshSchema = async (catalog: CatalogUnderTest): Promise<readonly string[]> => {
  await openTables((await catalog.elsewhere("fresh")).catalog);
  return schemaOf((await catalog.elsewhere("fresh")).db);
};

/** Leaves in `place` what the release had left. */
const leave = async (catalog: CatalogUnderTest, place: string, schema: EarlierSchema): Promise<void> => {
  const instance = await catalog.elsewhere(place);
  await fill(instance.db, schema);
  await instance.stop();
};

Given("the catalog was left by a newer release", async function (this: Kit) {
  const catalog = catalogOf(this);
  await openTables((await catalog.open()).catalog);
  const { db } = await catalog.open();
  await sql`create table "later" ("id" text primary key, "what" text)`.execute(db);
  await sql`insert into "later" values ('1', 'of a newer release')`.execute(db);
  await sql`update "meta" set "value" = ${String(newestVersion + 1)} where "key" = 'version'`.execute(db);
  await remember(this);
});

When("the engine opens the catalog", async function (this: Kit) {
  await openTables((await catalogOf(this).open()).catalog);
});

Then("the catalog lists no tables", async function (this: Kit) {
  const found = await tableNames(catalogOf(this).db);
  assert.deepEqual(
    found,
    [],
    "the kit needs a catalog that nobody has used, and a catalog has no tables of its own",
  );
});
Then("the catalog has the tables of the newest schema", async function (this: Kit) {
  const { db } = await catalogOf(this).open();
  const { rows } = await sql<{ value: string }>`select "value" from "meta" where "key" = 'version'`.execute(
    db,
  );
  assert.deepEqual(rows, [{ value: String(newestVersion) }]);
});
Then("the engine is refused the catalog as {word}", async function (this: Kit, code: string) {
  const catalog = catalogOf(this);
  if (this.part(Before).content.length === 0) await remember(this);
  const instance = await catalog.open();
  assert.equal(await refusalOf(() => openTables(instance.catalog)), code);
});
Then("the content of the catalog is what it was", async function (this: Kit) {
  const { db } = await catalogOf(this).open();
  assert.deepEqual(await contentOf(db), this.part(Before).content);
});
Then(
  "the content of each earlier version of the catalog is there after its migration",
  { timeout: PROCESSES_MS },
  async function (this: Kit) {
    const catalog = catalogOf(this);
    const fresh = await freshSchema(catalog);
    for (const schema of earlierSchemas) {
      const place = `version-${schema.version}`;
      await leave(catalog, place, schema);
      for (const _start of ["first", "second"]) await openTables((await catalog.elsewhere(place)).catalog);
      const { db } = await catalog.elsewhere(place);
      assert.deepEqual(
        await lost(db, schema),
        [],
        `the migration from version ${schema.version} has lost this`,
      );
      assert.deepEqual(await schemaOf(db), fresh, `from version ${schema.version} it became another schema`);
    }
  },
);
Then(
  "each migration of the catalog that was killed is whole or not begun, and the next one ends it",
  { timeout: PROCESSES_MS },
  async function (this: Kit) {
    const catalog = catalogOf(this);
    const fresh = await freshSchema(catalog);
    const last = earlierSchemas.at(-1);
    const killed = [
      { from: undefined, dieAt: 7, moment: "amid the making of its tables" },
      { from: last, dieAt: 4, moment: "before a migration's commit" },
    ];
    for (const { from, dieAt, moment } of killed) {
      const place = `killed-${dieAt}`;
      if (from) await leave(catalog, place, from);
      const answer = await (await catalog.other({ do: "open-tables", dieAt }, place)).next();
      assert.equal(answer, "dead", `the other process answered ${JSON.stringify(answer)}`);
      const { catalog: next } = await catalog.elsewhere(place);
      const refusal = await openTables(next).catch((error: unknown) => error);
      assert.equal(refusal, undefined, `it was killed ${moment}; the next start fails: ${String(refusal)}`);
      const { db } = await catalog.elsewhere(place);
      assert.deepEqual(await schemaOf(db), fresh, `it was killed ${moment}; its tables are others now`);
      if (from) assert.deepEqual(await lost(db, from), [], `it was killed ${moment}; this is lost`);
    }
  },
);
