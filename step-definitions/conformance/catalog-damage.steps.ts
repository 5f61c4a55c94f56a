import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { Catalog } from "pagurus";
import { registerPlugin } from "pagurus/conformance";
import { type DataTable, Given, Then, When } from "pagurus/steps";
import { CatalogUnderTest, makeTables } from "./catalog/catalog-under-test.ts";
import { refusalOf } from "./catalog/refusals.ts";
import type { Kit } from "./world.ts";

const SECTOR_BYTES = 4096;

/** The file that a stopped catalog lives in, and what was done to it. */
class StoredFile {
  path = "";
  whenDamaged: Buffer | undefined;
}

const catalogOf = (kit: Kit) => kit.part(CatalogUnderTest);

const damages: Readonly<Record<string, (path: string) => void>> = {
  "cut off": (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  empty: (path) => truncateSync(path, 0),
  "overwritten at its start": (path) =>
    writeFileSync(path, Buffer.alloc(2 * SECTOR_BYTES, 0xa5), { flag: "r+" }),
};

Given("the catalog has {int} account(s) and is stopped", async function (this: Kit, count: number) {
  const { first } = catalogOf(this);
  const { location } = first.catalog;
  if (!location.startsWith(this.folder) || !existsSync(location)) {
    this.log(
      "its location is no file below the kit's folder: what happens when that is damaged is not proven",
    );
    return "skipped";
  }
  await makeTables(first.db);
  await first.db.transaction().execute(async (trx) => {
    for (let n = 0; n < count; n++)
      await trx
        .insertInto("account")
        .values({ id: `account-${n}`, balance: n })
        .execute();
  });
  await first.stop();
  this.part(StoredFile).path = location;
  return undefined;
});

When("the file of the catalog is damaged and the catalog is started in vain", async function (this: Kit) {
  const file = this.part(StoredFile);
  damages["cut off"]?.(file.path);
  file.whenDamaged = readFileSync(file.path);
  await refusalOf(() => catalogOf(this).open());
});
When("the folder of the catalog's file is taken away", async function (this: Kit) {
  const folder = dirname(this.part(StoredFile).path);
  await rename(folder, `${folder}-away`);
});
When("the catalog is started again", async function (this: Kit) {
  await catalogOf(this).first.catalog.start?.({ signal: new AbortController().signal });
});

Then(
  "the catalog refuses to start as {word} once its file is:",
  async function (this: Kit, code: string, table: DataTable) {
    const { path } = this.part(StoredFile);
    await copyFile(path, `${path}.copy`);
    for (const what of table.raw().flat()) {
      const damage = damages[what];
      assert.ok(damage, `the feature speaks of ${what}, which the kit does not know`);
      await copyFile(`${path}.copy`, path);
      damage(path);
      assert.equal(await refusalOf(() => catalogOf(this).open()), code, `its file was ${what}`);
    }
  },
);
Then("the catalog refuses to start as {word}", async function (this: Kit, code: string) {
  assert.equal(await refusalOf(() => catalogOf(this).open()), code);
});
Then("the damaged file of the catalog is what it was", function (this: Kit) {
  const { path, whenDamaged } = this.part(StoredFile);
  assert.ok(existsSync(path), "the damaged file is gone from its place");
  assert.ok(whenDamaged?.equals(readFileSync(path)), "the damaged file was changed by a start in vain");
});
Then("the folder of the catalog's file was not made", function (this: Kit) {
  const folder = dirname(this.part(StoredFile).path);
  assert.ok(
    !existsSync(folder),
    "the folder was made anew: what is mounted there later is hidden or overwritten",
  );
});
Then(
  "before its start the catalog refuses its dialect and its lock as {word}",
  async function (this: Kit, code: string) {
    const catalog = (await registerPlugin(this.request, "control")).get(Catalog);
    assert.equal(await refusalOf(async () => catalog.dialect()), code, "its dialect");
    assert.equal(await refusalOf(async () => catalog.lock()), code, "its lock");
  },
);
Then("the catalog can be stopped twice", async function (this: Kit) {
  const { first } = catalogOf(this);
  await first.stop();
  await first.catalog.stop?.();
});
