import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "pagurus";
import { Then, When } from "pagurus/steps";
import { ForeignClients } from "./support/foreign-clients.ts";
import { likeness } from "./support/likeness.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const Info = z.looseObject({ exports: z.array(z.looseObject({})).length(1) });
const List = z.looseObject({
  exports: z.array(z.object({ "export-name": z.string(), "export-size": z.int() })),
});
const BLOCK_BYTES = 4096;
/** So slow that the move goes on until it is told otherwise. */
const SLOW_BYTES_PER_SECOND = 64 * 1024;

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
  "nbdcopy copies {string} to {string} while it is moved to {string}",
  async function (this: Lab, from: string, to: string, target: string) {
    const server = this.part(LocalServer);
    const job = await server.startMove(from, target, { maxBytesPerSecond: SLOW_BYTES_PER_SECOND });
    await server.tool("nbdcopy", ["--flush", await server.uriOf(from), await server.uriOf(to)]);
    await server.call("migrations.adjust", { id: job, maxBytesPerSecond: null });
    await server.jobTells(job, ({ type }) => type === "job.ended");
    assert.equal((await server.showDisk(from)).datastore, target);
  },
);
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
Then(
  "nbdinfo maps {string} as data from its beginning for {size}, and as a hole from there on",
  async function (this: Lab, disk: string, length: number) {
    const { sizeBytes } = await this.part(LocalServer).showDisk(disk);
    const runs = await this.part(ForeignClients).mapOf(disk);
    assert.deepEqual(
      runs.map((run) => [run.description, run.length]),
      [
        ["data", length],
        ["hole,zero", sizeBytes - length],
      ],
    );
  },
);
Then(
  "nbdinfo lists {string} of {size} and {string} of {size} at one TCP port",
  async function (this: Lab, one: string, oneSize: number, other: string, otherSize: number) {
    const server = this.part(LocalServer);
    const { host } = new URL(await server.uriOf(one, "nbd:"));
    const told = await server.tool("nbdinfo", ["--list", "--json", `nbd://${host}`]);
    const exports = List.parse(JSON.parse(told)).exports;
    assert.deepEqual(
      new Map(exports.map((each) => [each["export-name"], each["export-size"]])),
      new Map([
        [one, oneSize],
        [other, otherSize],
      ]),
    );
  },
);
Then("nbdcopy gets the same file out of {string}", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const clients = this.part(ForeignClients);
  await server.tool("nbdcopy", [await server.uriOf(disk), clients.file("out.raw")]);
  const [put, got] = await Promise.all(["in.raw", "out.raw"].map((name) => readFile(clients.file(name))));
  assert.ok(put && got?.equals(put));
});
