import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import { Given, Then, When } from "pagurus/steps";
import { examineElsewhere, examinePrefix } from "./durability/examination.ts";
import { Host } from "./durability/host.ts";
import { KnownLayers } from "./durability/known-layers.ts";
import type { Examine } from "./durability/power-cuts.ts";
import { PROCESS_MS } from "./durability/processes.ts";
import type { Kit } from "./world.ts";

/** Has looked at what the host, which is dead, has left: for whoever works in that folder. */
const examine = async (kit: Kit, folder: string, look: Examine): Promise<void> => {
  const { marks, process } = kit.part(Host);
  const complaint = await look(kit.requestIn(folder), KnownLayers.after(marks, process.tasks));
  assert.equal(complaint, undefined, complaint);
};

for (const fate of ["lost", "killed"])
  Given(`a host that will be ${fate}`, { timeout: PROCESS_MS }, async function (this: Kit) {
    await this.part(Host).start();
  });

When("the host is killed", async function (this: Kit) {
  await this.part(Host).process.kill();
});

Then(
  "what the host has answered for is there after its loss",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    const { folder, process } = this.part(Host);
    await process.kill();
    await rm(folder, { recursive: true });
    const next = `${folder}-next`;
    await mkdir(next, { mode: 0o700 });
    await examine(this, next, examineElsewhere);
  },
);
Then(
  "what is left of the layer is a prefix of what the host has written",
  { timeout: PROCESS_MS },
  async function (this: Kit) {
    await examine(this, this.part(Host).folder, examinePrefix);
  },
);
