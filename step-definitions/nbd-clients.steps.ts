import assert from "node:assert/strict";
import type { JsonObject } from "pagurus";
import { defineParameterType, Given, Then, When } from "pagurus/steps";
import { NbdClient, type NbdForm } from "pagurus/testing";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { letInAtLast } from "./support/let-in.ts";
import { FILLING, NbdTalk } from "./support/nbd-talk.ts";
import type { Lab } from "./world.ts";

defineParameterType({
  name: "form",
  regexp: /simple|structured|extended/,
  transformer: (text: string) => text as NbdForm,
});

Given("the exports", async function (this: Lab, json: string) {
  this.setup.sections = { ...this.setup.sections, exports: JSON.parse(json) as JsonObject };
  await this.stop();
});

Given("the disk {string} of {size}, empty", async function (this: Lab, name: string, sizeBytes: number) {
  await this.call("disks.create", { name, sizeBytes, datastore: "fast" });
});

Given(
  "the disk {string} of {size}, full of data",
  async function (this: Lab, name: string, sizeBytes: number) {
    await this.call("disks.create", { name, sizeBytes, datastore: "fast" });
    await this.part(NbdTalk).write(name, 0, Buffer.alloc(sizeBytes, 0x55));
  },
);

Given("a client of {string} with {form} messages", async function (this: Lab, disk: string, form: NbdForm) {
  const talk = this.part(NbdTalk);
  const client = await talk.connect(await talk.uriOf(disk), form);
  assert.equal(client.form, form);
});

Given(
  "a client of {string} with {form} messages and the contexts {names}",
  async function (this: Lab, disk: string, form: NbdForm, contexts: string[]) {
    const talk = this.part(NbdTalk);
    const client = await talk.connect(await talk.uriOf(disk), form, contexts);
    assert.deepEqual([...client.contexts.keys()].toSorted(), contexts.toSorted());
  },
);

Given("a client of {string} that may only read", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  await talk.connect(await talk.uriOf(disk, { ending: ".read-only.sock" }), "structured");
});

When(
  "another client of {string} writes block {int}",
  async function (this: Lab, disk: string, block: number) {
    await this.part(NbdTalk).write(disk, block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, FILLING));
  },
);

Then("it reads what was written to block {int}", async function (this: Lab, block: number) {
  const read = await this.part(NbdTalk).client.read(block * BLOCK_BYTES, BLOCK_BYTES);
  assert.deepEqual(read, Buffer.alloc(BLOCK_BYTES, FILLING));
});

Then("a further client of {string} is turned away", async function (this: Lab, disk: string) {
  const uri = await this.part(NbdTalk).uriOf(disk);
  await assert.rejects(NbdClient.connect(uri), { code: "peer-lost" });
});

Then("a further client of {string} is let in in the end", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  const uri = await talk.uriOf(disk);
  await letInAtLast(() => talk.connect(uri, "simple"));
});

Then("the server has counted a client with {form} messages", async function (this: Lab, form: NbdForm) {
  const { text } = await this.call<{ text: string }>("metrics.read", {});
  assert.match(text, new RegExp(`^pagurus_nbd_clients_total\\{form="${form}"\\} [1-9]`, "m"));
});
