import assert from "node:assert/strict";
import type { Datastore, Stamp } from "pagurus";
import { Then, When } from "pagurus/steps";
import { OtherInstance } from "./datastore/other-instance.ts";
import { stampOf } from "./layer-under-test.ts";
import type { Kit } from "./world.ts";

When(
  "it is stamped as the {word} of epoch {int}",
  async function (this: Kit, state: Stamp["state"], epoch: number) {
    await this.datastore.stamp(this.current.name, { ...stampOf(this.current.name), state, epoch });
  },
);
When(
  "it is stamped for the disk {string} as the {word} of epoch {int}",
  async function (this: Kit, disk: string, state: Stamp["state"], epoch: number) {
    await this.datastore.stamp(this.current.name, { disk, state, epoch });
  },
);

When("the other instance has looked at it", async function (this: Kit) {
  await this.part(OtherInstance).datastore.inspect(this.current.name);
});

const assertStamp = async (datastore: Datastore, layer: string, wanted: Stamp): Promise<void> => {
  const info = await datastore.inspect(layer);
  assert.deepEqual(info?.stamp, wanted, `the stamp is ${JSON.stringify(info?.stamp)}`);
};

Then(
  "the datastore knows it as the {word} of epoch {int}",
  async function (this: Kit, state: Stamp["state"], epoch: number) {
    const { name } = this.current;
    await assertStamp(this.datastore, name, { ...stampOf(name), state, epoch });
    assert.notEqual((await this.datastore.inspect(name))?.location, "", "it has no location");
  },
);
Then(
  "the datastore knows it as of the disk {string}, the {word} of epoch {int}",
  async function (this: Kit, disk: string, state: Stamp["state"], epoch: number) {
    await assertStamp(this.datastore, this.current.name, { disk, state, epoch });
  },
);
Then(
  "the other instance knows it as the {word} of epoch {int}",
  async function (this: Kit, state: Stamp["state"], epoch: number) {
    const { name } = this.current;
    await assertStamp(this.part(OtherInstance).datastore, name, { ...stampOf(name), state, epoch });
  },
);
