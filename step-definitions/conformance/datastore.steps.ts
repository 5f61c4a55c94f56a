import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { CodedError, Datastore, type LayerInfo, type Stamp } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { stampOf } from "./layer-under-test.ts";
import type { Task } from "./tasks.ts";
import type { Kit } from "./world.ts";

const listed = async (kit: Kit): Promise<LayerInfo[]> => {
  const found: LayerInfo[] = [];
  for await (const info of kit.datastore.list()) if (kit.ownName(info.layer) !== undefined) found.push(info);
  return found.sort((a, b) => a.layer.localeCompare(b.layer));
};

/** The refusal that `attempt` meets; `undefined` where it meets none. */
const refusalOf = async (attempt: () => Promise<unknown>): Promise<unknown> => {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error;
  }
};

const assertRefused = async (attempt: () => Promise<unknown>, code: string): Promise<void> => {
  const refusal = await refusalOf(attempt);
  assert.ok(refusal !== undefined, `it was not refused; it must be, as ${code}`);
  if (!CodedError.is(refusal)) throw refusal;
  assert.equal(refusal.code, code);
};

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

When("the datastore is checked", async function (this: Kit) {
  const status = await this.datastore.check();
  assert.notEqual(status.location, "");
});
When("it is removed", async function (this: Kit) {
  await this.datastore.remove(this.current.name);
});
When("it is created again", async function (this: Kit) {
  this.current.emptied();
  await this.current.create();
  await this.current.open();
});
When(
  "it is stamped as the {word} of epoch {int}",
  async function (this: Kit, state: Stamp["state"], epoch: number) {
    await this.datastore.stamp(this.current.name, { ...stampOf(this.current.name), state, epoch });
  },
);
When("the datastore is started again", async function (this: Kit) {
  await this.datastore.start?.({ signal: new AbortController().signal });
});

Then("{task} is refused as {word}", async function (this: Kit, task: Task, code: string) {
  await assertRefused(() => task(this), code);
});
Then("{task} is refused", async function (this: Kit, task: Task) {
  assert.notEqual(await refusalOf(() => task(this)), undefined, "it was not refused");
});
Then("nothing can be done with a layer named {string}", async function (this: Kit, name: string) {
  const { datastore } = this;
  const attempts = [
    () => datastore.create({ layer: name, sizeBytes: 4096, stamp: stampOf("a") }),
    () => datastore.open(name, { sizeBytes: 4096 }),
    () => datastore.stamp(name, stampOf("a")),
    () => datastore.remove(name),
  ];
  for (const attempt of attempts) await assertRefused(attempt, "layer-name-invalid");
});
Then("the folder around the store has nothing new in it", async function (this: Kit) {
  assert.deepEqual(await readdir(this.folder), ["tmp"]);
});
Then("the datastore lists {string}", async function (this: Kit, names: string) {
  const found = await listed(this);
  assert.deepEqual(found.map(({ layer }) => this.ownName(layer)).join(" "), names);
  for (const info of found) assert.deepEqual(await this.datastore.inspect(info.layer), info);
});
Then("the datastore knows nothing of it", async function (this: Kit) {
  assert.equal(await this.datastore.inspect(this.current.name), undefined);
});
Then(
  "the datastore knows it as the {word} of epoch {int}",
  async function (this: Kit, state: string, epoch: number) {
    const info = await this.datastore.inspect(this.current.name);
    assert.deepEqual(info?.stamp, { ...stampOf(this.current.name), state, epoch });
    assert.equal(info?.sizeBytes, this.current.sizeBytes);
    assert.notEqual(info?.location, "");
  },
);
Then(
  "another instance knows it as the {word} of epoch {int}",
  async function (this: Kit, state: string, epoch: number) {
    const info = await (await this.open()).get(Datastore).inspect(this.current.name);
    assert.deepEqual(info?.stamp, { ...stampOf(this.current.name), state, epoch });
  },
);
Then("it takes less than {size} in the store", async function (this: Kit, limitBytes: number) {
  const info = await this.datastore.inspect(this.current.name);
  assert.ok(info && info.allocatedBytes < limitBytes, `it takes ${info?.allocatedBytes} bytes`);
});
Then("the datastore can be stopped twice", async function (this: Kit) {
  await this.datastore.stop?.();
  await this.datastore.stop?.();
});
