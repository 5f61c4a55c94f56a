import assert from "node:assert/strict";
import { CodedError, DiskExport } from "pagurus";
import { openPlugin } from "pagurus/conformance";
import { Given, Then, When } from "pagurus/steps";
import { NbdClient } from "pagurus/testing";
import type { Request } from "./disk-under-test.ts";
import { ExportKit } from "./export-kit.ts";
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
  await this.part(ExportKit).attach(`disk-${this.part(ExportKit).attached.length + 1}`, sizeBytes);
});

When("a client connects", async function (this: Kit) {
  await this.part(ExportKit).connect();
});
When("{int} clients connect", async function (this: Kit, count: number) {
  for (let index = 0; index < count; index++) await this.part(ExportKit).connect();
});
When("a client connects to the shared address", async function (this: Kit) {
  const control = await openPlugin(this.request, "control");
  this.opened.push(control);
  const uri = await this.part(ExportKit).listen(control.get(DiskExport));
  if (uri === undefined) {
    this.log("needs an address that all disks share");
    return "skipped";
  }
  await this.part(ExportKit).connect(uri);
  return undefined;
});
When("the client writes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await this.part(ExportKit).write(offset, length);
});
When("each client writes its part", async function (this: Kit) {
  const { clients } = this.part(ExportKit);
  await Promise.all(
    clients.map((client, index) => this.part(ExportKit).write(index * 65_536, 65_536, client)),
  );
});
When("the client zeroes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await this.part(ExportKit).client.zero(offset, length);
  this.part(ExportKit).disk.expected.zero(offset, length);
});
When("the client flushes", async function (this: Kit) {
  await this.part(ExportKit).client.flush();
});
When(
  "the client sends {int} writes of {size} at once",
  async function (this: Kit, count: number, length: number) {
    this.part(ExportKit).send(count, length);
    await Promise.all(this.part(ExportKit).pending);
  },
);
When("{int} writes of {size} arrive at the disk", async function (this: Kit, count: number, length: number) {
  this.part(ExportKit).send(count, length);
  await this.part(ExportKit).disk.until(() => this.part(ExportKit).disk.waiting === count);
});
When("the disk grows to {size}", function (this: Kit, sizeBytes: number) {
  this.part(ExportKit).disk.grow(sizeBytes);
});
When("the disk waits", function (this: Kit) {
  this.part(ExportKit).disk.pause();
});
When("the disk goes on", function (this: Kit) {
  this.part(ExportKit).disk.goOn();
});
When("the disk refuses its next {word} as {word}", function (this: Kit, request: Request, code: string) {
  this.part(ExportKit).disk.refuseNext(request, code);
});
When("the client leaves", async function (this: Kit) {
  await this.part(ExportKit).client.disconnect();
});
When("the client vanishes", async function (this: Kit) {
  this.part(ExportKit).client.destroy();
  await this.part(ExportKit).client.closed;
});
When("the client vanishes in the middle of a write", async function (this: Kit) {
  const head = Buffer.alloc(28);
  head.writeUInt32BE(0x25609513, 0);
  head.writeUInt16BE(1, 6);
  head.writeUInt32BE(64 * 1024, 24);
  this.part(ExportKit).client.sendRaw(Buffer.concat([head, Buffer.alloc(1000, 0xab)]));
  this.part(ExportKit).client.destroy();
  await this.part(ExportKit).client.closed;
});
When("somebody sends {size} of garbage", async function (this: Kit, length: number) {
  const socket = await this.part(ExportKit).connectPlainly();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  // It may be hung up on before it has sent everything.
  socket.on("error", () => undefined);
  socket.resume();
  socket.end(Buffer.alloc(length, 0xa5));
  await closed;
});
When("the export is closed", async function (this: Kit) {
  await this.part(ExportKit).current.attachment.close();
});
When("the export is closed while the disk goes on", async function (this: Kit) {
  const closed = this.part(ExportKit).current.attachment.close();
  this.part(ExportKit).disk.goOn();
  await closed;
});
When("the disk is exported again", async function (this: Kit) {
  await this.part(ExportKit).attachAgain();
});

Then("the client sees {size}", function (this: Kit, sizeBytes: number) {
  assert.equal(this.part(ExportKit).client.sizeBytes, sizeBytes);
  assert.deepEqual(this.part(ExportKit).client.blockSizes, this.part(ExportKit).disk.blockSizes);
});
Then("the/each client reads what the disk holds", async function (this: Kit) {
  const { clients } = this.part(ExportKit);
  for (const client of new Set([this.part(ExportKit).client, ...clients.slice(1)]))
    assert.equal(await this.part(ExportKit).difference(client), undefined);
});
Then("the/each disk holds what was written", function (this: Kit) {
  for (const attached of this.part(ExportKit).attached) assertHeld(attached);
});
Then("the disk was flushed after its last write", function (this: Kit) {
  assert.ok(this.part(ExportKit).disk.flushedAfterLastWrite);
});
Then("no write is answered", function (this: Kit) {
  assert.equal(this.part(ExportKit).answered, 0);
});
Then("every write is answered", async function (this: Kit) {
  await Promise.all(this.part(ExportKit).pending);
});
Then("the client's {word} fails with {word}", async function (this: Kit, request: Request, errno: string) {
  assert.equal(await errorOf(requests[request](this.part(ExportKit).client)), errno);
});
Then("a write beyond the end fails with ENOSPC or EINVAL", async function (this: Kit) {
  const { client } = this.part(ExportKit);
  const errno = await errorOf(client.write(client.sizeBytes, Buffer.alloc(sector)));
  assert.ok(errno === "ENOSPC" || errno === "EINVAL", errno);
});
Then("a read beyond the end fails with EINVAL", async function (this: Kit) {
  const { client } = this.part(ExportKit);
  assert.equal(await errorOf(client.read(client.sizeBytes - sector, 2 * sector)), "EINVAL");
});
Then("its connection is known to be dead", async function (this: Kit) {
  const peer = this.part(ExportKit).disk.peers.at(-1);
  // The kernel tells; the event loop may not have been told yet.
  while (peer?.alive()) await new Promise(setImmediate);
});
Then("the disk has {int} connections", async function (this: Kit, count: number) {
  await this.part(ExportKit).disk.until(() => this.part(ExportKit).disk.connections === count);
});
Then("a client that asks for {string} is refused", async function (this: Kit, name: string) {
  const uri = this.part(ExportKit).uri.replace(this.part(ExportKit).disk.name, name);
  await assert.rejects(NbdClient.connect(uri));
});
Then("nobody can connect any more", async function (this: Kit) {
  await assert.rejects(NbdClient.connect(this.part(ExportKit).uri));
});
