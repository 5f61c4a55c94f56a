import { Given, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import type { Rule } from "./rehearsal/rule.ts";
import type { Lab } from "./world.ts";

const arm = async (
  lab: Lab,
  datastore: string,
  rule: Pick<Rule, "operation" | "act"> & { readonly block?: number; readonly skip?: number },
): Promise<void> => {
  const { operation, act, block, skip = 0 } = rule;
  const at = block === undefined ? {} : { at: block * BLOCK_BYTES };
  const armed = await lab.conductor.arm({ datastore, operation, act, skip, ...at });
  lab.rules.set(datastore, [...(lab.rules.get(datastore) ?? []), armed]);
};

Given(
  "{string} stands still before it writes block {int} {occurrence}",
  async function (this: Lab, datastore: string, block: number, skip: number) {
    await arm(this, datastore, { operation: "write", act: "hold-before", block, skip });
  },
);

Given(
  "{string} stands still after it has read block {int} {occurrence}",
  async function (this: Lab, datastore: string, block: number, skip: number) {
    await arm(this, datastore, { operation: "read", act: "hold-after", block, skip });
  },
);

Given(
  "{string} fails when it writes block {int} {occurrence}",
  async function (this: Lab, datastore: string, block: number, skip: number) {
    await arm(this, datastore, { operation: "write", act: "fail", block, skip });
  },
);

Given(
  "{string} is full when it writes block {int} {occurrence}",
  async function (this: Lab, datastore: string, block: number, skip: number) {
    await arm(this, datastore, { operation: "write", act: "full", block, skip });
  },
);

Given("{string} fails when a layer is to be made", async function (this: Lab, datastore: string) {
  await arm(this, datastore, { operation: "create", act: "fail" });
});

Given("{string} fails when a layer is to be removed", async function (this: Lab, datastore: string) {
  await arm(this, datastore, { operation: "remove", act: "fail" });
});

Given("{string} turns a bit of block {int}", async function (this: Lab, datastore: string, block: number) {
  await arm(this, datastore, { operation: "write", act: "flip", block });
});

Given(
  "{string} puts block {int} in the place of its neighbour",
  async function (this: Lab, datastore: string, block: number) {
    await arm(this, datastore, { operation: "write", act: "misdirect", block });
  },
);

Given("{string} calls block {int} a hole", async function (this: Lab, datastore: string, block: number) {
  await arm(this, datastore, { operation: "extents", act: "hide", block });
});

/** Where a datastore has several such rules, the one given first. */
When("{string} has come to a stand", async function (this: Lab, datastore: string) {
  const [rule] = this.rules.get(datastore) ?? [];
  if (!rule) throw new Error(`${datastore} was not asked to stand still`);
  await this.conductor.reached(rule);
});

When("{string} goes on", function (this: Lab, datastore: string) {
  const [rule, ...rest] = this.rules.get(datastore) ?? [];
  if (!rule) throw new Error(`${datastore} was not asked to stand still`);
  this.rules.set(datastore, rest);
  this.conductor.goOn(rule);
});
