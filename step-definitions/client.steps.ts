import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { Disk } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { NbdClient, nbdExports } from "pagurus/testing";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const WRITES_BEFORE_THE_KILL = 300;

Given("the folder of {string} is taken away", async function (this: Lab, datastore: string) {
  await rename(this.folderOf(datastore), `${this.folderOf(datastore)}-away`);
});

When("the client of {string} connects again", async function (this: Lab, disk: string) {
  await this.part(LocalServer).guestOf(disk).reconnect();
});

When("the server's {string} is moved to {string}", async function (this: Lab, disk: string, to: string) {
  const { state, outcome } = await this.part(LocalServer).move(disk, to);
  assert.deepEqual({ state, outcome }, { state: "succeeded", outcome: { code: "ok" } });
});
When("the server is killed while the client of {string} writes", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const guest = server.guestOf(disk);
  let answered = 0;
  let killed: Promise<void> | undefined;
  const writing = (async () => {
    for (let round = 1; ; round++)
      for (let at = 0; at < guest.image.acknowledged.length; at += 4096) {
        await guest.write(at, Buffer.alloc(4096, round));
        answered++;
        if (answered === WRITES_BEFORE_THE_KILL) killed = server.stop("SIGKILL");
      }
  })();
  await assert.rejects(writing, { code: "peer-lost" });
  await killed;
});
When(
  "the guest's write of block {int} is refused for want of space",
  async function (this: Lab, block: number) {
    const [guest] = this.guests.values();
    const writing = guest?.nbd.write(block * 4096, Buffer.alloc(4096, 7));
    await assert.rejects(
      async () => writing,
      ({ data }: { data: { errno: string } }) => data.errno === "ENOSPC",
    );
  },
);

Then("a client reaches the disk at the printed address", async function (this: Lab) {
  const printed = Disk.parse(JSON.parse(this.part(LocalServer).last.out));
  const client = await NbdClient.connect(printed.exports[0]?.uri ?? "");
  assert.equal(client.sizeBytes, printed.sizeBytes);
  await client.disconnect();
});
Then("the client finds everything it wrote to {string}", async function (this: Lab, disk: string) {
  assert.deepEqual(await this.part(LocalServer).guestOf(disk).wrongBlocks(), []);
});
Then(
  "the client finds everything it wrote to {string}, now in {string} with epoch {int}",
  async function (this: Lab, disk: string, home: string, atEpoch: number) {
    const server = this.part(LocalServer);
    const { datastore, epoch, state } = await server.showDisk(disk);
    assert.deepEqual({ datastore, epoch, state }, { datastore: home, epoch: atEpoch, state: "available" });
    assert.deepEqual(await server.guestOf(disk).wrongBlocks(), []);
  },
);
Then(
  "the failed move of {string} is told in one report, and the client finds everything in {string}",
  async function (this: Lab, disk: string, home: string) {
    const server = this.part(LocalServer);
    const { sentence } = await server.expectReport("datastore-unavailable");
    assert.match(sentence, new RegExp(`^Moving ${disk} to `));
    assert.equal((await server.showDisk(disk)).datastore, home);
    assert.deepEqual(await server.guestOf(disk).wrongBlocks(), []);
  },
);
Then("the disk {string} is at the same address as before", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  assert.equal(await server.uriOf(disk), server.addresses.get(disk));
});
Then("{names} is/are listed and reached at one TCP port", async function (this: Lab, names: string[]) {
  const server = this.part(LocalServer);
  const uris = await Promise.all(names.map((name) => server.uriOf(name, "nbd:")));
  const ports = new Set(uris.map((uri) => new URL(uri).host));
  assert.equal(ports.size, 1, [...ports].join());
  assert.deepEqual((await nbdExports(uris[0] ?? "")).toSorted(), names.toSorted());
  for (const [index, uri] of uris.entries()) {
    const client = await NbdClient.connect(uri);
    const { acknowledged } = server.guestOf(names[index] ?? "").image;
    assert.equal(client.sizeBytes, acknowledged.length);
    assert.ok((await client.read(0, acknowledged.length)).equals(acknowledged), names[index]);
    await client.disconnect();
  }
});
