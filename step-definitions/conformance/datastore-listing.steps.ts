import assert from "node:assert/strict";
import { Given, Then, When } from "pagurus/steps";
import { ManyLayers } from "./datastore/many-layers.ts";
import type { Kit } from "./world.ts";

/** Thousands of durable creations take a while. */
const patience = { timeout: 600_000 };

/** What a scenario about a list has seen of it. */
class ListRead {
  first = "";
  stayed: readonly string[] = [];
}

Given("{int} layers more", patience, async function (this: Kit, count: number) {
  const many = this.part(ManyLayers);
  await (count >= 1000 ? many.makeMany(count) : many.make(count));
});

When(
  "the list is read, and after {int} of them the first {int} are removed and {int} others made",
  async function (this: Kit, after: number, removed: number, made: number) {
    const many = this.part(ManyLayers);
    const before = [...many.names];
    await many.list(async (listed) => {
      if (listed.length !== after) return;
      await many.remove(listed.slice(0, removed));
      await many.make(made);
    });
    this.part(ListRead).stayed = before.filter((name) => many.names.has(name));
  },
);
When("all of them are removed", patience, async function (this: Kit) {
  const many = this.part(ManyLayers);
  await many.remove(many.names);
});
When("the list is left after its first layer", async function (this: Kit) {
  for await (const { layer } of this.datastore.list()) {
    const name = this.ownName(layer);
    if (name === undefined) continue;
    this.part(ListRead).first = name;
    return;
  }
});

Then("each of them is listed once", patience, async function (this: Kit) {
  const many = this.part(ManyLayers);
  await many.list();
  many.assertListedOnce(many.names);
});
Then("each that stayed was listed once, and none twice", function (this: Kit) {
  this.part(ManyLayers).assertListedOnce(this.part(ListRead).stayed);
});
Then("that layer can be removed", async function (this: Kit) {
  await this.part(ManyLayers).remove([this.part(ListRead).first]);
});
Then("the other {int} are listed once", async function (this: Kit, count: number) {
  const many = this.part(ManyLayers);
  await many.list();
  assert.equal(many.names.size, count);
  many.assertListedOnce(many.names);
});
Then("the datastore lists {string}", async function (this: Kit, names: string) {
  const found = [...(await this.part(ManyLayers).list())].sort((a, b) => a.layer.localeCompare(b.layer));
  assert.equal(found.map(({ layer }) => this.ownName(layer)).join(" "), names, "what is listed");
  for (const { layer, sizeBytes, stamp, location } of found) {
    const inspected = await this.datastore.inspect(layer);
    assert.deepEqual(
      { layer, sizeBytes, stamp, location },
      {
        layer: inspected?.layer,
        sizeBytes: inspected?.sizeBytes,
        stamp: inspected?.stamp,
        location: inspected?.location,
      },
      "the list says of a layer what inspecting it says",
    );
  }
});
