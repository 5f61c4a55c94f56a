import { Given } from "pagurus/steps";
import type { Lab } from "./world.ts";

Given("the datastores {names}", function (this: Lab, names: string[]) {
  this.setup.datastores = names;
});

Given(
  "a disk {string} of {size} with something written everywhere",
  async function (this: Lab, disk: string, size: number) {
    await this.createDisk(disk, size);
    const guest = await this.connect(disk);
    await guest.write(0, Buffer.alloc(size, "something"));
  },
);

Given("the rehearsed datastores {names}", function (this: Lab, names: string[]) {
  this.setup.datastores = names;
  this.setup.rehearsed = true;
});
