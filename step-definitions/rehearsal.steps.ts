import { Given, When } from "pagurus/steps";
import { Rehearsal } from "./lab/rehearsal.ts";
import type { Lab } from "./world.ts";

Given(
  "{names} on its/their way to {string}, held before it writes block {int}",
  async function (this: Lab, disks: string[], to: string, block: number) {
    await this.part(Rehearsal).holdAt(
      { datastore: to, operation: "write", block },
      "hold-before",
      async () => {
        await this.startMove(disks, to);
      },
    );
  },
);

Given(
  "{names} on its/their way to {string}, held after {string} has read block {int}",
  async function (this: Lab, disks: string[], to: string, from: string, block: number) {
    await this.part(Rehearsal).holdAt(
      { datastore: from, operation: "read", block },
      "hold-after",
      async () => {
        await this.startMove(disks, to);
      },
    );
  },
);

When("the copy goes on", function (this: Lab) {
  this.part(Rehearsal).goOn();
});

When(
  "the copy goes on until {string} is to write block {int}",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).goOnTo({ datastore, operation: "write", block });
  },
);

Given(
  "{string} fails when it next writes block {int}",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).arm({ datastore, operation: "write", act: "fail", block });
  },
);

Given(
  "{string} fails when it next reads block {int}",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).arm({ datastore, operation: "read", act: "fail", block });
  },
);

Given(
  "{string} is full when it next writes block {int}",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).arm({ datastore, operation: "write", act: "full", block });
  },
);

Given("{string} fails when it next flushes", async function (this: Lab, datastore: string) {
  await this.part(Rehearsal).arm({ datastore, operation: "flush", act: "fail" });
});

Given(
  "{string} takes {int} ms longer for each flush",
  async function (this: Lab, datastore: string, delayMs: number) {
    await this.part(Rehearsal).arm({ datastore, operation: "flush", act: "delay", delayMs });
  },
);

Given("{string} fails when it next makes a layer", async function (this: Lab, datastore: string) {
  await this.part(Rehearsal).arm({ datastore, operation: "create", act: "fail" });
});

Given("{string} fails when it next removes a layer", async function (this: Lab, datastore: string) {
  await this.part(Rehearsal).arm({ datastore, operation: "remove", act: "fail" });
});

Given(
  "{string} turns over a bit of block {int}",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).arm({ datastore, operation: "write", act: "flip", block });
  },
);

Given(
  "{string} puts block {int} in the place of its neighbour",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).arm({ datastore, operation: "write", act: "misdirect", block });
  },
);

Given("{string} calls block {int} a hole", async function (this: Lab, datastore: string, block: number) {
  await this.part(Rehearsal).arm({ datastore, operation: "extents", act: "hide", block });
});
