import assert from "node:assert/strict";
import { Given, Then } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const BLOCK_BYTES = 4096;
const BYTE = 5;

const refusedWith =
  (errno: string) =>
  ({ data }: { data: { errno?: string } }): boolean =>
    data.errno === errno;

/** Runs something with a client of its own, which then says good-bye. */
async function asClient(uri: string, run: (client: NbdClient) => Promise<void>): Promise<void> {
  const client = await NbdClient.connect(uri);
  try {
    await run(client);
    await client.disconnect();
  } finally {
    client.destroy();
  }
}

const writesToItsEnd = (sizeBytes: number) => async (client: NbdClient) => {
  assert.equal(client.sizeBytes, sizeBytes);
  const last = Buffer.alloc(BLOCK_BYTES, BYTE);
  await client.write(sizeBytes - BLOCK_BYTES, last, { fua: true });
  assert.ok((await client.read(sizeBytes - BLOCK_BYTES, BLOCK_BYTES)).equals(last));
  await assert.rejects(client.write(sizeBytes, last), refusedWith("ENOSPC"));
};

Given(
  "the server's disk {string} of {size} in {string}, full of one byte and used by nobody",
  async function (this: Lab, name: string, sizeBytes: number, datastore: string) {
    const server = this.part(LocalServer);
    await server.call("disks.create", { name, sizeBytes, datastore });
    await asClient(await server.uriOf(name), (client) => client.write(0, Buffer.alloc(sizeBytes, BYTE)));
  },
);

Then(
  "the client of {string} has {size}, may not reach beyond, and finds everything it wrote",
  async function (this: Lab, disk: string, sizeBytes: number) {
    const guest = this.part(LocalServer).guestOf(disk);
    assert.equal(guest.nbd.sizeBytes, sizeBytes);
    await assert.rejects(guest.nbd.write(sizeBytes, Buffer.alloc(BLOCK_BYTES)), refusedWith("ENOSPC"));
    await assert.rejects(guest.nbd.read(sizeBytes, BLOCK_BYTES), refusedWith("EINVAL"));
    assert.deepEqual(await guest.wrongBlocks(), []);
  },
);
Then(
  "a new client of {string} has {size} and writes to the end of it",
  async function (this: Lab, disk: string, sizeBytes: number) {
    await asClient(await this.part(LocalServer).uriOf(disk), writesToItsEnd(sizeBytes));
  },
);
Then(
  "a new client of {string} at the TCP port has {size} and writes to the end of it",
  async function (this: Lab, disk: string, sizeBytes: number) {
    await asClient(await this.part(LocalServer).uriOf(disk, "nbd:"), writesToItsEnd(sizeBytes));
  },
);
Then(
  "the disk {string} holds that byte for {size}, and zeroes from there on for {size}",
  async function (this: Lab, disk: string, full: number, empty: number) {
    await asClient(await this.part(LocalServer).uriOf(disk), async (client) => {
      assert.equal(client.sizeBytes, full + empty);
      assert.ok((await client.read(0, full)).equals(Buffer.alloc(full, BYTE)));
      assert.ok((await client.read(full, empty)).equals(Buffer.alloc(empty)));
    });
  },
);
