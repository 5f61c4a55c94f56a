import assert from "node:assert/strict";
import { join } from "node:path";
import { CodedError, demand } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { spaceIn } from "./datastore/folder-space.ts";
import { assertRefused, refusalOf } from "./datastore/refusal.ts";
import { pattern } from "./model.ts";
import type { Task } from "./tasks.ts";
import type { Kit } from "./world.ts";

/** What the store's folder took before the scenario did anything to it. */
class SpaceBefore {
  bytes = 0;
}

const storeFolder = (kit: Kit): string => join(kit.folder, "tmp");

Given("no layer", function (this: Kit) {
  this.it = this.layer("layer-1");
});
Given("a layer of {size}", async function (this: Kit, sizeBytes: number) {
  this.it = this.layer("layer-1", sizeBytes);
  const refusal = await refusalOf(() => this.current.create());
  if (CodedError.is(refusal, "no-space")) {
    this.log(`needs room for ${sizeBytes} bytes`);
    return "skipped";
  }
  if (refusal !== undefined) throw refusal;
  await this.it.open();
  return undefined;
});
Given(
  "the layers {string}, {string} and {string}",
  async function (this: Kit, first: string, second: string, third: string) {
    for (const name of [first, second, third]) {
      this.it = this.layer(name);
      await this.it.create();
      await this.it.open();
    }
  },
);

When("it is removed", async function (this: Kit) {
  await this.datastore.remove(this.current.name);
});
When("it is created again", async function (this: Kit) {
  this.current.emptied();
  await this.current.create();
  await this.current.open();
});
When(
  "{int} layers of {size} are made, filled and removed, one after the other",
  async function (this: Kit, count: number, sizeBytes: number) {
    this.part(SpaceBefore).bytes = await spaceIn(storeFolder(this));
    for (let index = 0; index < count; index++) {
      const layer = this.layer(`passing-${index}`, sizeBytes);
      await layer.create();
      await layer.open();
      await layer.write(0, pattern(`${index}`, 0, sizeBytes));
      await layer.layer.flush();
      await layer.close();
      await this.datastore.remove(layer.name);
    }
  },
);
Then("{task} is refused as {word}", async function (this: Kit, task: Task, code: string) {
  await assertRefused(() => task(this), code);
});
Then("{task} is refused", async function (this: Kit, task: Task) {
  const refusal = await refusalOf(() => task(this));
  assert.notEqual(refusal, undefined, "it succeeded; it must be refused");
});
Then(
  "demanding {string} of the datastore is refused as capability-missing",
  async function (this: Kit, capability: string) {
    await assertRefused(() => demand(this.datastore, capability), "capability-missing", `${capability}`);
  },
);
Then("the datastore knows nothing of it", async function (this: Kit) {
  const info = await this.datastore.inspect(this.current.name);
  assert.ok(info === undefined, `there is no such layer, and inspecting it tells ${JSON.stringify(info)}`);
});

Then("it is as long as it was made", async function (this: Kit) {
  const { layer, name, sizeBytes } = this.current;
  assert.ok(layer.sizeBytes === sizeBytes, `the open layer says that it has ${layer.sizeBytes} bytes`);
  const inspected = (await this.datastore.inspect(name))?.sizeBytes;
  assert.ok(inspected === sizeBytes, `the store says that the layer has ${inspected} bytes`);
});
Then("it takes less than {size} in the store", async function (this: Kit, limitBytes: number) {
  const info = await this.datastore.inspect(this.current.name);
  assert.ok(info && info.allocatedBytes < limitBytes, `it takes ${info?.allocatedBytes} bytes`);
});
Then(
  "the folder of the store takes less than {size} more than before",
  async function (this: Kit, limitBytes: number) {
    const more = (await spaceIn(storeFolder(this))) - this.part(SpaceBefore).bytes;
    assert.ok(more < limitBytes, `what was removed still takes ${more} bytes`);
  },
);
