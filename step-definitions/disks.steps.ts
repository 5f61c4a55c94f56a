import assert from "node:assert/strict";
import { open, readFile } from "node:fs/promises";
import { CodedError } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { spaceIn } from "./conformance/datastore/folder-space.ts";
import { BLOCK_BYTES, firstContent } from "./lab/blocks.ts";
import { bytesTaken, fileOf } from "./lab/layer-files.ts";
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

When("the server is restarted", async function (this: Lab) {
  await this.jobEnded();
  await this.stop();
  await this.started();
});

When(
  "a bit of block {int} turns over in the file of {string} in {string}",
  async function (this: Lab, block: number, disk: string, datastore: string) {
    const file = await open(await fileOf(this, disk, datastore), "r+");
    try {
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, block * BLOCK_BYTES);
      await file.write(Buffer.of(byte.readUInt8() ^ 1), 0, 1, block * BLOCK_BYTES);
    } finally {
      await file.close();
    }
  },
);

Then(
  "the files of {string} in {string} and {string} are equal",
  async function (this: Lab, disk: string, one: string, other: string) {
    const [source, target] = await Promise.all([
      readFile(await fileOf(this, disk, one)),
      readFile(await fileOf(this, disk, other)),
    ]);
    assert.ok(source.length > 0 && source.equals(target));
  },
);

Then(
  "the file of {string} in {string} takes at most {size}",
  async function (this: Lab, disk: string, datastore: string, most: number) {
    const taken = await bytesTaken(await fileOf(this, disk, datastore));
    assert.ok(taken <= most, `it takes ${taken} bytes`);
  },
);

Then("{names} together take at most {size}", async function (this: Lab, datastores: string[], most: number) {
  let taken = 0;
  for (const datastore of datastores) taken += await spaceIn(this.folderOf(datastore));
  assert.ok(taken <= most, `they take ${taken} bytes`);
});

Then(
  "resizing {string} to {size} is refused as {word}",
  async function (this: Lab, name: string, sizeBytes: number, code: string) {
    await assert.rejects(this.call("disks.resize", { name, sizeBytes }), { code });
  },
);

Then("removing {string} is refused as {word}", async function (this: Lab, disk: string, code: string) {
  await assert.rejects(this.call("disks.remove", { name: disk }), { code });
});

Then(
  "moving {string} to {string} is refused as {word}",
  async function (this: Lab, disk: string, to: string, code: string) {
    await assert.rejects(this.call("migrations.start", { disks: [disk], to }), { code });
  },
);

Then("{string} can be removed", async function (this: Lab, disk: string) {
  await this.guests.get(disk)?.disconnect();
  // That the client has hung up is noticed a moment later.
  do await this.attempt("disks.remove", { name: disk });
  while (CodedError.is(this.refusal, "disk-in-use"));
  assert.equal(this.refusal, undefined);
});
