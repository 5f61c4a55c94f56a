import { Given, Then } from "pagurus/steps";
import { assertNoDataHidden, assertNoGap } from "./datastore/extents.ts";
import type { Kit } from "./world.ts";

Given("a layer of {size} with exact extents", async function (this: Kit, sizeBytes: number) {
  this.it = this.layer("layer-1", sizeBytes);
  await this.it.create();
  await this.it.open();
  if (this.it.layer.exactExtents === true) return undefined;
  this.log("needs exact extents");
  return "skipped";
});

Then(
  "its extents from {size} on for {size} have no gap",
  async function (this: Kit, offset: number, length: number) {
    await assertNoGap(this.current, { offset, length });
  },
);
Then(
  "its extents from {size} on for {size} hide no data",
  async function (this: Kit, offset: number, length: number) {
    await assertNoDataHidden(this.current, { offset, length });
  },
);
