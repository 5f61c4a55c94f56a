import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { Disk } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { NbdClient, nbdExports } from "pagurus/testing";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

Given("the folder of {string} is taken away", async function (this: Lab, datastore: string) {
  await rename(this.folderOf(datastore), `${this.folderOf(datastore)}-away`);
});

When("the client of {string} connects again", async function (this: Lab, disk: string) {
  await this.part(LocalServer).guestOf(disk).reconnect();
});

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
Then("{names} are listed and reached at one TCP port", async function (this: Lab, names: string[]) {
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
