import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { fresh, onlyGuest, writeBlocks } from "./lab/guest-writes.ts";
import { Rehearsal } from "./lab/rehearsal.ts";
import type { Lab } from "./world.ts";

When("the guest writes block(s) {numbers}", async function (this: Lab, blocks: number[]) {
  await writeBlocks(this, await onlyGuest(this), blocks);
});

When(
  "the guest of {string} writes block(s) {numbers}",
  async function (this: Lab, disk: string, blocks: number[]) {
    await writeBlocks(this, await this.connect(disk), blocks);
  },
);

When(
  "the guest of {string} writes {size} at {int}",
  async function (this: Lab, disk: string, length: number, offset: number) {
    await (await this.connect(disk)).write(offset, fresh(this, length));
  },
);

When("the guest writes {size} at {int}", async function (this: Lab, length: number, offset: number) {
  await (await onlyGuest(this)).write(offset, fresh(this, length));
});

When("the guest writes block {int} and flushes", async function (this: Lab, block: number) {
  const guest = await onlyGuest(this);
  await writeBlocks(this, guest, [block]);
  await guest.flush();
});

When("the guest writes each block {int} times", async function (this: Lab, times: number) {
  const guest = await onlyGuest(this);
  const { length } = guest.image.acknowledged;
  for (let time = 0; time < times; time++) await guest.write(0, fresh(this, length));
});

When("the guest asks to write block {int}", async function (this: Lab, block: number) {
  this.asked.push(writeBlocks(this, await onlyGuest(this), [block]));
});

When(
  "the guest of {string} asks to write block {int}",
  async function (this: Lab, disk: string, block: number) {
    this.asked.push(writeBlocks(this, await this.connect(disk), [block]));
  },
);

When(
  "the guest asks to write block {int}, which {string} keeps waiting",
  async function (this: Lab, block: number, datastore: string) {
    const guest = await onlyGuest(this);
    await this.part(Rehearsal).keepGuestWaiting({ datastore, operation: "write", block }, async () => {
      this.asked.push(writeBlocks(this, guest, [block]));
    });
  },
);

When(
  "the guest asks to discard block {int}, which {string} keeps waiting",
  async function (this: Lab, block: number, datastore: string) {
    const guest = await onlyGuest(this);
    await this.part(Rehearsal).keepGuestWaiting({ datastore, operation: "zero", block }, async () => {
      this.asked.push(guest.trim(block * BLOCK_BYTES, BLOCK_BYTES));
    });
  },
);

When("{string} lets the guest's write go on", async function (this: Lab, _datastore: string) {
  this.part(Rehearsal).letGuestGoOn();
  await Promise.all(this.asked.splice(0));
});

When("the guest zeroes block(s) {numbers}", async function (this: Lab, blocks: number[]) {
  const guest = await onlyGuest(this);
  for (const block of blocks) await guest.zero(block * BLOCK_BYTES, BLOCK_BYTES);
});

When("the guest discards block(s) {numbers}", async function (this: Lab, blocks: number[]) {
  const guest = await onlyGuest(this);
  for (const block of blocks) await guest.trim(block * BLOCK_BYTES, BLOCK_BYTES);
});

When("the guest reads block {int}", async function (this: Lab, block: number) {
  await (await onlyGuest(this)).read(block * BLOCK_BYTES, BLOCK_BYTES);
});

When("the guest's write of block {int} fails", async function (this: Lab, block: number) {
  await assert.rejects(writeBlocks(this, await onlyGuest(this), [block]), { code: "nbd-error" });
});

Then("the guest's request is answered", async function (this: Lab) {
  await Promise.all(this.asked.splice(0));
});

Then("blocks {numbers} read as zeroes", async function (this: Lab, blocks: number[]) {
  const guest = await onlyGuest(this);
  for (const block of blocks) {
    const content = await guest.read(block * BLOCK_BYTES, BLOCK_BYTES);
    assert.ok(content.equals(Buffer.alloc(BLOCK_BYTES)), `block ${block}`);
  }
});

Then("{string} is whole at {string}", async function (this: Lab, disk: string, datastore: string) {
  if (this.job !== undefined) await this.jobEnded();
  const guest = await this.connect(disk);
  const { state, datastore: home } = await this.showDisk(disk);
  assert.deepEqual({ state, home }, { state: "available", home: datastore });
  assert.deepEqual(await guest.wrongBlocks(), []);
  // The guest goes on there, and not only as a reader.
  const zeroes = guest.image.acknowledged.length - 512;
  await guest.write(zeroes, fresh(this, 512));
  await guest.flush();
  assert.deepEqual(await guest.wrongBlocks(), []);
});
