import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { Given, Then, When } from "pagurus/steps";
import { ForeignClients } from "./support/foreign-clients.ts";
import { LocalServer } from "./support/local-server.ts";
import { runProgram } from "./support/program.ts";
import type { Lab } from "./world.ts";

/** QEMU waits longer from one try to reconnect to the next: after 1 s, 3 s, 7 s, 15 s, 31 s. */
const RECONNECT_TIMEOUT_MS = 120_000;

Given(
  "the server's empty disk {string} of {size} in {string}",
  async function (this: Lab, name: string, sizeBytes: number, datastore: string) {
    await this.part(LocalServer).call("disks.create", { name, sizeBytes, datastore });
  },
);

When("qemu-io does {names} on {string}", async function (this: Lab, commands: string[], disk: string) {
  await this.part(ForeignClients).qemuIo(disk, commands);
});
When("qemu-img converts {string} to qcow2", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const copy = this.part(ForeignClients).file("copy.qcow2");
  await server.tool("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", await server.uriOf(disk), copy]);
});
When("qemu-img fills {string} with a qcow2 image", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const clients = this.part(ForeignClients);
  const { sizeBytes } = await server.showDisk(disk);
  const [raw, image] = [clients.file("in.raw"), clients.file("copy.qcow2")];
  await writeFile(raw, Buffer.concat([randomBytes(sizeBytes / 4), Buffer.alloc((sizeBytes / 4) * 3)]));
  await server.tool("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, image]);
  const uri = await server.uriOf(disk);
  await server.tool("qemu-img", ["convert", "-n", "-f", "qcow2", "-O", "raw", image, uri]);
});
When(
  "the server is killed while qemu-io, which reconnects, has {string} open, and started again",
  { timeout: RECONNECT_TIMEOUT_MS },
  async function (this: Lab, disk: string) {
    const server = this.part(LocalServer);
    const clients = this.part(ForeignClients);
    const holder = server.program("qemu-io", ["--image-opts", await clients.reconnecting(disk)]);
    clients.holder = holder;
    holder.type("write -P 1 0 64k");
    assert.ok(await holder.says(/wrote 65536/), "qemu-io has written");
    await server.stop("SIGKILL");
    holder.type("write -P 2 4k 8k");
    await server.start();
    assert.ok(await holder.says(/wrote 8192|failed/), "qemu-io was answered");
    holder.type("quit");
    const { code, out } = await holder.ended;
    assert.equal(code, 0, out);
    assert.match(out, /wrote 8192/);
  },
);
When(
  "the server is stopped, and started while qemu-io has the file of {string} open",
  async function (this: Lab, disk: string) {
    const server = this.part(LocalServer);
    const clients = this.part(ForeignClients);
    const file = await server.fileOf(disk);
    await server.stop();
    clients.holder = server.program("qemu-io", ["-f", "raw", file]);
    clients.holder.type("write -P 1 0 512");
    assert.ok(await clients.holder.says(/wrote 512/), "qemu-io has it open");
    await server.start();
  },
);
When("qemu-io lets go of the file, and the server is started again", async function (this: Lab) {
  const server = this.part(LocalServer);
  const { holder } = this.part(ForeignClients);
  holder?.type("quit");
  await holder?.ended;
  await server.stop();
  await server.start();
});

Then("qemu-io finds {names} on {string}", async function (this: Lab, commands: string[], disk: string) {
  await this.part(ForeignClients).qemuIo(disk, commands);
});
Then(
  "qemu-img finds data in {string} from {size} on for {size}, and nowhere else",
  async function (this: Lab, disk: string, start: number, length: number) {
    assert.deepEqual(await this.part(ForeignClients).dataRuns(disk), [{ start, length }]);
  },
);
Then("qemu-img is told that {string} has {size}", async function (this: Lab, disk: string, size: number) {
  const server = this.part(LocalServer);
  const told = await server.tool("qemu-img", ["info", "--output=json", await server.uriOf(disk)]);
  const { format, "virtual-size": virtual } = JSON.parse(told) as Readonly<Record<string, unknown>>;
  assert.deepEqual({ format, virtual }, { format: "raw", virtual: size });
});
Then("qemu-img finds {string} and {string} equal", async function (this: Lab, one: string, other: string) {
  const server = this.part(LocalServer);
  const uris = [await server.uriOf(one), await server.uriOf(other)];
  await server.tool("qemu-img", ["compare", "-f", "raw", "-F", "raw", ...uris]);
});
Then("qemu-img finds the image equal to {string}", async function (this: Lab, disk: string) {
  const server = this.part(LocalServer);
  const copy = this.part(ForeignClients).file("copy.qcow2");
  const uri = await server.uriOf(disk);
  await server.tool("qemu-img", ["compare", "-f", "qcow2", "-F", "raw", copy, uri]);
});
Then(
  "qemu-img finds the file of {string} in {string} equal to what the client believes",
  async function (this: Lab, disk: string, datastore: string) {
    const server = this.part(LocalServer);
    const believed = this.part(ForeignClients).file("believed.raw");
    await writeFile(believed, server.guestOf(disk).image.acknowledged);
    assert.equal((await server.showDisk(disk)).datastore, datastore);
    const moved = await server.fileOf(disk);
    await server.stop();
    await server.tool("qemu-img", ["compare", "-f", "raw", "-F", "raw", believed, moved]);
  },
);
Then("qemu-io is refused the file of {string} for writing", async function (this: Lab, disk: string) {
  const file = await this.part(LocalServer).fileOf(disk);
  const { code, err } = await runProgram("qemu-io", ["-f", "raw", "-c", "write 0 512", file]);
  assert.notEqual(code, 0);
  assert.match(err, /Failed to get "(write|consistent read)" lock/);
});
