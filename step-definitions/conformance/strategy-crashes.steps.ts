import { type DataTable, Given, Then, When } from "pagurus/steps";
import { DoomedDisks } from "./strategy/doomed-disks.ts";
import type { Kit } from "./world.ts";

/** Servers are started in a process of their own, and again in this one. */
const STARTS_MS = 60_000;

Given(
  "servers with a disk of {size} each, of which one is to be killed when:",
  async function (this: Kit, sizeBytes: number, table: DataTable) {
    for (const [moment = "", where = ""] of table.raw())
      await this.part(DoomedDisks).add(moment, { where, sizeBytes });
  },
);
When(
  "the strategy moves those disks while their guests write, and the servers are killed",
  { timeout: STARTS_MS },
  async function (this: Kit) {
    await this.part(DoomedDisks).moveAndKill();
  },
);
When("the servers are started again", { timeout: STARTS_MS }, async function (this: Kit) {
  await this.part(DoomedDisks).startAgain();
});

Then(
  "each disk is where it belongs, and there alone, with all that its guest was answered for",
  { timeout: STARTS_MS },
  async function (this: Kit) {
    for (const disk of this.part(DoomedDisks).all) await disk.assertWhole();
  },
);
Then("the strategy moves each to its other datastore", { timeout: STARTS_MS }, async function (this: Kit) {
  for (const disk of this.part(DoomedDisks).all) await disk.moveAgain();
});
