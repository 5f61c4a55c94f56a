import assert from "node:assert/strict";
import { can } from "pagurus";
import { Then, When } from "pagurus/steps";
import { planned } from "./datastore/operations.ts";
import { Rehearsal } from "./datastore/rehearsal.ts";
import { random } from "./random.ts";
import type { Kit } from "./world.ts";

When(
  "{int} random operations are made on a layer of {size}, up to {int} at once",
  { timeout: 600_000 },
  async function (this: Kit, count: number, sizeBytes: number, atOnce: number) {
    const { seed, effort = 1 } = this.parameters;
    const turns = planned(random(seed), {
      count: count * effort,
      sizeBytes,
      atOnce,
      resizes: can(this.datastore, "resize"),
    });
    await this.part(Rehearsal).play(turns, sizeBytes);
  },
);

Then("they agree with an array", function (this: Kit) {
  const { failure } = this.part(Rehearsal);
  assert.ok(failure === undefined, failure);
});
