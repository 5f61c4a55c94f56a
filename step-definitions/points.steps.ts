import { Given, When } from "pagurus/steps";
import { HeldMoment } from "./lab/held-moment.ts";
import { Rehearsal } from "./lab/rehearsal.ts";
import type { Lab } from "./world.ts";

Given(
  "{names} on its/their way to {string}, held at {string}",
  async function (this: Lab, disks: string[], to: string, point: string) {
    await this.part(HeldMoment).holdAt(point, async () => void (await this.startMove(disks, to)));
  },
);

When("the copy goes on as far as {string}", async function (this: Lab, point: string) {
  await this.part(HeldMoment).holdAt(point, async () => this.part(Rehearsal).goOn());
});

When("the engine goes on", function (this: Lab) {
  this.part(HeldMoment).goOn();
});

When(
  "the engine goes on until {string} is to write block {int}",
  async function (this: Lab, datastore: string, block: number) {
    const goOn = async () => this.part(HeldMoment).goOn();
    await this.part(Rehearsal).holdAt({ datastore, operation: "write", block }, "hold-before", goOn);
  },
);
