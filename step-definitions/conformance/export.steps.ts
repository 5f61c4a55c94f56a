import assert from "node:assert/strict";
import { CodedError, DiskExport } from "pagurus";
import { openPlugin } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import type { Request } from "./disk-under-test.ts";
import type { ExportKit } from "./export-kit.ts";
import type { Kit } from "./world.ts";

const sector = 512;

/** The name of the error that the client is told; fails where it is told none. */
const errorOf = async (request: Promise<unknown>): Promise<string> => {
  const refusal = await request.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(refusal !== undefined, "it did not fail");
  if (!CodedError.is(refusal, "nbd-error")) throw refusal;
  return String(refusal.data["errno"]);
};

const requests: Record<Request, (client: NbdClient) => Promise<unknown>> = {
  read: (client) => client.read(0, sector),
  write: (client) => client.write(0, Buffer.alloc(sector)),
  zero: (client) => client.zero(0, sector),
  flush: (client) => client.flush(),
};

const assertHeld = ({ disk }: { disk: ExportKit["disk"] }): void => {
  for (const { offset, length } of disk.expected.ranges())
    assert.ok(
      Buffer.compare(disk.content.slice(offset, length), disk.expected.slice(offset, length)) === 0,
      `${disk.name} differs after ${offset}`,
    );
};

Given("an/another exported disk of {size}", async function (this: Kit, sizeBytes: number) {
  await this.exports.attach(`disk-${this.exports.attached.length + 1}`, sizeBytes);
});

When("a client connects", async function (this: Kit) {
  await this.exports.connect();
});
When("{int} clients connect", async function (this: Kit, count: number) {
  for (let index = 0; index < count; index++) await this.exports.connect();
});
When("a client connects to the shared address", async function (this: Kit) {
  const control = await openPlugin(this.request, "control");
  this.opened.push(control);
  const uri = await this.exports.listen(control.get(DiskExport));
  if (uri === undefined) {
    this.log("needs an address that all disks share");
    return "skipped";
  }
  await this.exports.connect(uri);
  return undefined;
});
When("the client writes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await this.exports.write(offset, length);
});
When("each client writes its part", async function (this: Kit) {
  const { clients } = this.exports;
  await Promise.all(clients.map((client, index) => this.exports.write(index * 65_536, 65_536, client)));
});
When("the client zeroes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await this.exports.client.zero(offset, length);
  this.exports.disk.expected.zero(offset, length);
});
When("the client flushes", async function (this: Kit) {
  await this.exports.client.flush();
});
When(
  "the client sends {int} writes of {size} at once",
  async function (this: Kit, count: number, length: number) {
    this.exports.send(count, length);
    await Promise.all(this.exports.pending);
  },
);
When("{int} writes of {size} arrive at the disk", async function (this: Kit, count: number, length: number) {
  this.exports.send(count, length);
  await this.exports.disk.until(() => this.exports.disk.waiting === count);
});
When("the disk grows to {size}", function (this: Kit, sizeBytes: number) {
  this.exports.disk.grow(sizeBytes);
});
When("the disk waits", function (this: Kit) {
  this.exports.disk.pause();
});
When("the disk goes on", function (this: Kit) {
  this.exports.disk.goOn();
});
When("the disk refuses its next {word} as {word}", function (this: Kit, request: Request, code: string) {
  this.exports.disk.refuseNext(request, code);
});
When("the client leaves", async function (this: Kit) {
  await this.exports.client.disconnect();
});
When("the client vanishes", async function (this: Kit) {
  this.exports.client.destroy();
  await this.exports.client.closed;
});
When("the client vanishes in the middle of a write", async function (this: Kit) {
  const head = Buffer.alloc(28);
  head.writeUInt32BE(0x25609513, 0);
  head.writeUInt16BE(1, 6);
  head.writeUInt32BE(64 * 1024, 24);
  this.exports.client.sendRaw(Buffer.concat([head, Buffer.alloc(1000, 0xab)]));
  this.exports.client.destroy();
  await this.exports.client.closed;
});
When("somebody sends {size} of garbage", async function (this: Kit, length: number) {
  const socket = await this.exports.connectPlainly();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  // It may be hung up on before it has sent everything.
  socket.on("error", () => undefined);
  socket.resume();
  socket.end(Buffer.alloc(length, 0xa5));
  await closed;
});
When("the export is closed", async function (this: Kit) {
  await this.exports.current.attachment.close();
});
When("the export is closed while the disk goes on", async function (this: Kit) {
  const closed = this.exports.current.attachment.close();
  this.exports.disk.goOn();
  await closed;
});
When("the disk is exported again", async function (this: Kit) {
  await this.exports.attachAgain();
});

Then("the client sees {size}", function (this: Kit, sizeBytes: number) {
  assert.equal(this.exports.client.sizeBytes, sizeBytes);
  assert.deepEqual(this.exports.client.blockSizes, this.exports.disk.blockSizes);
});
Then("the/each client reads what the disk holds", async function (this: Kit) {
  const { clients } = this.exports;
  for (const client of new Set([this.exports.client, ...clients.slice(1)]))
    assert.equal(await this.exports.difference(client), undefined);
});
Then("the/each disk holds what was written", function (this: Kit) {
  for (const attached of this.exports.attached) assertHeld(attached);
});
Then("the disk was flushed after its last write", function (this: Kit) {
  assert.ok(this.exports.disk.flushedAfterLastWrite);
});
Then("no write is answered", function (this: Kit) {
  assert.equal(this.exports.answered, 0);
});
Then("every write is answered", async function (this: Kit) {
  await Promise.all(this.exports.pending);
});
Then("the client's {word} fails with {word}", async function (this: Kit, request: Request, errno: string) {
  assert.equal(await errorOf(requests[request](this.exports.client)), errno);
});
Then("a write beyond the end fails with ENOSPC or EINVAL", async function (this: Kit) {
  const { client } = this.exports;
  const errno = await errorOf(client.write(client.sizeBytes, Buffer.alloc(sector)));
  assert.ok(errno === "ENOSPC" || errno === "EINVAL", errno);
});
Then("a read beyond the end fails with EINVAL", async function (this: Kit) {
  const { client } = this.exports;
  assert.equal(await errorOf(client.read(client.sizeBytes - sector, 2 * sector)), "EINVAL");
});
Then("its connection is known to be dead", async function (this: Kit) {
  const peer = this.exports.disk.peers.at(-1);
  // The kernel tells; the event loop may not have been told yet.
  while (peer?.alive()) await new Promise(setImmediate);
});
Then("the disk has {int} connections", async function (this: Kit, count: number) {
  await this.exports.disk.until(() => this.exports.disk.connections === count);
});
Then("a client that asks for {string} is refused", async function (this: Kit, name: string) {
  const uri = this.exports.uri.replace(this.exports.disk.name, name);
  await assert.rejects(NbdClient.connect(uri));
});
Then("nobody can connect any more", async function (this: Kit) {
  await assert.rejects(NbdClient.connect(this.exports.uri));
});
