import assert from "node:assert/strict";
import { Given, Then, When } from "pagurus/steps";
import { assertAsWritten } from "./datastore/content.ts";
import { OtherInstance } from "./datastore/other-instance.ts";
import { LayerUnderTest } from "./layer-under-test.ts";
import type { Kit } from "./world.ts";

/** What was in the store before it was checked. */
class ListedBefore {
  readonly layers = new Set<string>();
}

Given("another instance of the store", async function (this: Kit) {
  await this.part(OtherInstance).open();
});

When("the datastore is checked", async function (this: Kit) {
  for await (const { layer } of this.datastore.list()) this.part(ListedBefore).layers.add(layer);
  const status = await this.datastore.check();
  assert.notEqual(status.location, "", "a check tells where the store is");
});
When("the datastore is started again", async function (this: Kit) {
  await this.datastore.start?.({ signal: new AbortController().signal });
});

Then("the datastore lists no other layer", async function (this: Kit) {
  const { layers } = this.part(ListedBefore);
  for await (const { layer } of this.datastore.list())
    assert.ok(layers.has(layer), `the check has left the layer ${layer}`);
});
Then("the datastore can be stopped twice", async function (this: Kit) {
  await this.datastore.stop?.();
  await this.datastore.stop?.();
});
Then("the other instance lists it and reads what was written", async function (this: Kit) {
  const { datastore } = this.part(OtherInstance);
  const { name, expected, sizeBytes } = this.current;
  const listed: string[] = [];
  for await (const { layer } of datastore.list()) listed.push(layer);
  assert.ok(listed.includes(name), "the other instance doesn't list the layer");
  const seen = new LayerUnderTest(datastore, name, sizeBytes);
  seen.expected = expected;
  await seen.open();
  try {
    await assertAsWritten(seen);
  } finally {
    await seen.close();
  }
});
