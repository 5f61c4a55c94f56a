import assert from "node:assert/strict";
import { Datastore } from "pagurus";
import type { PluginUnderTest } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { assertAsWritten } from "./datastore/content.ts";
import { LayerUnderTest } from "./layer-under-test.ts";
import type { Kit } from "./world.ts";

/** What a scenario about the store as a whole remembers of it. */
class StoreBefore {
  readonly layers = new Set<string>();
  other: PluginUnderTest | undefined;
}

Given("another instance of the store", async function (this: Kit) {
  this.part(StoreBefore).other = await this.open();
});

When("the datastore is checked", async function (this: Kit) {
  for await (const { layer } of this.datastore.list()) this.part(StoreBefore).layers.add(layer);
  const status = await this.datastore.check();
  assert.notEqual(status.location, "", "a check tells where the store is");
});
When("the datastore is started again", async function (this: Kit) {
  await this.datastore.start?.({ signal: new AbortController().signal });
});

Then("the datastore lists no other layer", async function (this: Kit) {
  const { layers } = this.part(StoreBefore);
  for await (const { layer } of this.datastore.list())
    assert.ok(layers.has(layer), `the check has left the layer ${layer}`);
});
Then("the datastore can be stopped twice", async function (this: Kit) {
  await this.datastore.stop?.();
  await this.datastore.stop?.();
});
Then("the other instance lists it and reads what was written", async function (this: Kit) {
  const { other } = this.part(StoreBefore);
  const { name, expected, sizeBytes } = this.current;
  const datastore = other?.get(Datastore);
  assert.ok(datastore, "the scenario has no other instance");
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
