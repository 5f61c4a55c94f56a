import { Given, Then } from "pagurus/steps";
import { examineElsewhere, examinePrefix } from "./durability/examination.ts";
import { KilledHosts, type Work } from "./durability/killed-hosts.ts";
import { PROCESS_MS } from "./durability/processes.ts";
import { RandomDeeds } from "./durability/random-deeds.ts";
import { randomWrites } from "./durability/random-writes.ts";
import type { Random } from "./random.ts";
import type { Kit } from "./world.ts";

const randomDeeds =
  (kit: Kit) =>
  (layer: string, pick: Random): Work => {
    const deeds = new RandomDeeds(layer, pick, { resizes: Boolean(kit.declared["resize"]) });
    return () => [deeds.next()];
  };

Given(
  "hosts that are killed at some moment of their work",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    await this.part(KilledHosts).killAll(randomDeeds(this));
  },
);
Given(
  "hosts that are lost at some moment of their work",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    await this.part(KilledHosts).killAll(randomDeeds(this), { lost: true });
  },
);
Given(
  "hosts that are killed at some moment of their writes",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    await this.part(KilledHosts).killAll(randomWrites);
  },
);

Then(
  "the next host finds what each of them has answered for",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    await this.part(KilledHosts).examine(examineElsewhere);
  },
);
Then(
  "what is left of each layer is a prefix of what its host has written",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    await this.part(KilledHosts).examine(examinePrefix);
  },
);
