import { Given, Then, When } from "pagurus/steps";
import { DoomedDisk } from "./strategy/doomed-disk.ts";
import type { Kit } from "./world.ts";

/** Moments of a move, by the points at which a server may end. */
const points: Readonly<Record<string, string>> = {
  "it is copied": "copying/done",
  "it is ready": "converging/before",
  "its guest is held": "stunned/done",
  "its target is equal": "switched/ready",
  "its owner has changed": "switched/recorded",
  "its guest is at the target": "switched/done",
};

Given("a server with a disk of {size} that it is to move", function (this: Kit, sizeBytes: number) {
  this.part(DoomedDisk).prepare(sizeBytes);
});
When(
  /^the strategy moves that disk while a guest writes, and the server is killed when (.+)$/,
  // A process of its own is started twice.
  { timeout: 60_000 },
  async function (this: Kit, moment: string) {
    const point = points[moment];
    if (!point) throw new Error(`no such moment: ${moment}`);
    await this.part(DoomedDisk).killedAt(point);
  },
);
When("the server is started again", async function (this: Kit) {
  await this.part(DoomedDisk).startAgain();
});

Then(
  "the disk is {word} alone, with all that the guest was answered for",
  async function (this: Kit, where: string) {
    await this.part(DoomedDisk).assertWhole(where);
  },
);
Then("the strategy moves it to the other datastore", { timeout: 60_000 }, async function (this: Kit) {
  await this.part(DoomedDisk).move();
});
