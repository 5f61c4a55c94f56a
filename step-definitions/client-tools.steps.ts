import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "pagurus";
import { Then, When } from "pagurus/steps";
import { ForeignClients } from "./support/foreign-clients.ts";
import { likeness } from "./support/likeness.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const Info = z.looseObject({ exports: z.array(z.looseObject({})).length(1) });
const BLOCK_BYTES = 4096;

When("nbdcopy fills {string} with a file", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const { sizeBytes } = await server.showDisk(disk);
  const file = this.part(ForeignClients).file("in.raw");
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 3 * BLOCK_BYTES) bytes.fill(at / BLOCK_BYTES, at, at + 5000);
  await writeFile(file, bytes);
  await server.tool("nbdcopy", ["--flush", file, await server.uriOf(disk)]);
});
When(
  "the client of {string} writes on while it is moved to {string} and back",
  async function (this: Lab, disk: string, to: string) {
    const server = this.part(LocalServer);
    const guest = server.guestOf(disk);
    const { datastore: home } = await server.showDisk(disk);
    let moving = true;
    const writing = (async () => {
      for (let n = 1; moving; n++) {
        const block = (n * 7919) % (guest.image.acknowledged.length / BLOCK_BYTES);
        await guest.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, n));
      }
    })();
    try {
      for (const target of [to, home]) assert.equal((await server.move(disk, target)).state, "succeeded");
    } finally {
      moving = false;
      await writing;
    }
    await guest.flush();
  },
);

Then("nbdinfo of {string} tells {json}", async function (this: Lab, disk: string, json: string) {
  const server = this.part(LocalServer);
  const said = await server.tool("nbdinfo", ["--json", await server.uriOf(disk)]);
  const [told] = Info.parse(JSON.parse(said)).exports;
  assert.deepEqual(likeness(told, JSON.parse(json)), JSON.parse(json));
});
Then("nbdcopy gets the same file out of {string}", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const clients = this.part(ForeignClients);
  await server.tool("nbdcopy", [await server.uriOf(disk), clients.file("out.raw")]);
  const [put, got] = await Promise.all(["in.raw", "out.raw"].map((name) => readFile(clients.file(name))));
  assert.ok(put && got?.equals(put));
});
