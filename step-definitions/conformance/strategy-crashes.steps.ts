import { Given, Then, When } from "pagurus/steps";
import { DoomedMove } from "./strategy/doomed-move.ts";
import type { Kit } from "./world.ts";

/** Servers are started in a process of their own, and again in this one. */
const STARTS_MS = 60_000;

Given(
  "a server with a disk of {size}, which is to be killed when {}",
  async function (this: Kit, sizeBytes: number, moment: string) {
    await this.part(DoomedMove).prepare(moment, sizeBytes);
  },
);
When(
  "the strategy moves the disk while its guest writes, and the server is killed",
  { timeout: STARTS_MS },
  async function (this: Kit) {
    await this.part(DoomedMove).moveAndKill();
  },
);
When("the server is started again", { timeout: STARTS_MS }, async function (this: Kit) {
  await this.part(DoomedMove).disk.startAgain();
});

Then(
  "the disk is {word}, and there alone, with all that its guest was answered for",
  { timeout: STARTS_MS },
  async function (this: Kit, where: string) {
    await this.part(DoomedMove).disk.assertWhole(where);
  },
);
Then("the strategy moves it to the other datastore", { timeout: STARTS_MS }, async function (this: Kit) {
  await this.part(DoomedMove).disk.moveAgain();
});
