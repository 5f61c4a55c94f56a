import { Given } from "pagurus/steps";
import { firstContent } from "./lab/blocks.ts";
import type { Lab } from "./world.ts";

Given("the datastores {names}", function (this: Lab, names: string[]) {
  this.setup.datastores = names;
});

Given("the rehearsed datastores {names}", function (this: Lab, names: string[]) {
  this.setup.datastores = names;
  this.setup.rehearsed = true;
});

Given("a disk {string} of {size}", async function (this: Lab, disk: string, size: number) {
  await this.createDisk(disk, size);
  await this.connect(disk);
});

Given(
  "a disk {string} of {size} with something written everywhere",
  async function (this: Lab, disk: string, size: number) {
    await this.createDisk(disk, size);
    const guest = await this.connect(disk);
    await guest.write(0, firstContent(size));
    await guest.flush();
  },
);
