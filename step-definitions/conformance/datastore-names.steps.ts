import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { type DataTable, Given, Then } from "pagurus/steps";
import { ManyLayers } from "./datastore/many-layers.ts";
import { assertRefused } from "./datastore/refusal.ts";
import { stampOf } from "./layer-under-test.ts";
import { pattern } from "./model.ts";
import type { Kit } from "./world.ts";

const longestName = 128;
const sizeBytes = 64 * 1024;

const assertNoName = async ({ datastore }: Kit, name: string): Promise<void> => {
  const attempts = {
    creating: () => datastore.create({ layer: name, sizeBytes, stamp: stampOf("a") }),
    opening: () => datastore.open(name, { sizeBytes }),
    stamping: () => datastore.stamp(name, stampOf("a")),
    removing: () => datastore.remove(name),
  };
  const shown = name.length > longestName ? `a name of ${name.length} letters` : JSON.stringify(name);
  for (const [what, attempt] of Object.entries(attempts))
    await assertRefused(attempt, "layer-name-invalid", `${what} ${shown}`);
};

const makeFilled = async (kit: Kit, name: string): Promise<void> => {
  const layer = kit.layer(name, sizeBytes);
  await layer.create();
  await layer.open();
  await layer.write(0, pattern(name, 0, sizeBytes));
};

Given("layers of these names, each filled with its own:", async function (this: Kit, table: DataTable) {
  for (const [name = ""] of table.raw()) await makeFilled(this, name);
});
Given("two such layers whose names have 128 letters and differ in the last one", async function (this: Kit) {
  const long = "n".repeat(longestName - 1 - this.freshName("").length);
  for (const last of ["a", "b"]) await makeFilled(this, `${long}${last}`);
});

Then("nothing can be done with layers of these names:", async function (this: Kit, table: DataTable) {
  for (const [name = ""] of table.raw()) await assertNoName(this, JSON.parse(`"${name}"`) as string);
});
Then(
  "nothing can be done with a layer whose name has {int} letters",
  async function (this: Kit, letters: number) {
    await assertNoName(this, "a".repeat(letters));
  },
);
Then("the folder around the store has nothing new in it", async function (this: Kit) {
  assert.deepEqual(await readdir(this.folder), ["tmp"], "something was made outside the store");
});
Then("the datastore lists each of them", async function (this: Kit) {
  const many = this.part(ManyLayers);
  await many.list();
  many.assertListedOnce(this.layers.keys());
});
