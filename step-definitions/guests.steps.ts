import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import type { Guest } from "./lab/guest.ts";
import type { Lab } from "./world.ts";

/** The guest that a scenario with one disk speaks of. */
const onlyGuest = (lab: Lab): Guest => {
  const [guest] = lab.guests.values();
  if (!guest) throw new Error("the scenario has no guest");
  return guest;
};

/** Something that was never written before. */
const fresh = (lab: Lab, length: number): Buffer => Buffer.alloc(length, `written ${lab.nextNumber()} `);

const writeBlocks = async (lab: Lab, guest: Guest, blocks: readonly number[]): Promise<void> => {
  for (const block of blocks) await guest.write(block * BLOCK_BYTES, fresh(lab, BLOCK_BYTES));
};

When("the guest writes block(s) {numbers}", async function (this: Lab, blocks: number[]) {
  await writeBlocks(this, onlyGuest(this), blocks);
});

When(
  "the guest of {string} writes block(s) {numbers}",
  async function (this: Lab, disk: string, blocks: number[]) {
    await writeBlocks(this, await this.connect(disk), blocks);
  },
);

When("the guest writes {size} at {int}", async function (this: Lab, length: number, offset: number) {
  await onlyGuest(this).write(offset, fresh(this, length));
});

When("the guest writes block {int} and flushes", async function (this: Lab, block: number) {
  await writeBlocks(this, onlyGuest(this), [block]);
  await onlyGuest(this).flush();
});

When("the guest asks to write block {int}", function (this: Lab, block: number) {
  this.asked.push(writeBlocks(this, onlyGuest(this), [block]));
});

When(
  "the guest of {string} asks to write block {int}",
  async function (this: Lab, disk: string, block: number) {
    this.asked.push(writeBlocks(this, await this.connect(disk), [block]));
  },
);

When("the guest zeroes block(s) {numbers}", async function (this: Lab, blocks: number[]) {
  for (const block of blocks) await onlyGuest(this).zero(block * BLOCK_BYTES, BLOCK_BYTES);
});

When("the guest discards block(s) {numbers}", async function (this: Lab, blocks: number[]) {
  for (const block of blocks) await onlyGuest(this).trim(block * BLOCK_BYTES, BLOCK_BYTES);
});

When("the guest reads block {int}", async function (this: Lab, block: number) {
  await onlyGuest(this).read(block * BLOCK_BYTES, BLOCK_BYTES);
});

When("the guest's write of block {int} fails", async function (this: Lab, block: number) {
  await assert.rejects(writeBlocks(this, onlyGuest(this), [block]), { code: "nbd-error" });
});

Then("the guest's request(s) is/are answered", async function (this: Lab) {
  await Promise.all(this.asked.splice(0));
});

Then("blocks {numbers} read as zeroes", async function (this: Lab, blocks: number[]) {
  for (const block of blocks) {
    const content = await onlyGuest(this).read(block * BLOCK_BYTES, BLOCK_BYTES);
    assert.ok(content.equals(Buffer.alloc(BLOCK_BYTES)), `block ${block}`);
  }
});

Then("{string} is whole at {string}", async function (this: Lab, disk: string, datastore: string) {
  const { state, datastore: home } = await this.showDisk(disk);
  assert.deepEqual({ state, home }, { state: "available", home: datastore });
  const guest = await this.connect(disk);
  assert.deepEqual(await guest.wrongBlocks(), []);
  // The guest goes on there, and not only as a reader.
  await guest.write(0, fresh(this, BLOCK_BYTES));
  await guest.flush();
  assert.deepEqual(await guest.wrongBlocks(), []);
});
