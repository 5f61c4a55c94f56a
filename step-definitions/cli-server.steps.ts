import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

Given("a server", async function (this: Lab) {
  await this.part(LocalServer).start();
});
Given("a server without a configuration", async function (this: Lab) {
  const server = this.part(LocalServer);
  server.configured = false;
  await server.start();
});
Given("a server with {string}", async function (this: Lab, flags: string) {
  const server = this.part(LocalServer);
  server.flags = flags.split(" ");
  await server.start();
});
Given(
  "the server's disk {string} of {size} in {string}, used by a client",
  async function (this: Lab, name: string, size: number, datastore: string) {
    const guest = await this.part(LocalServer).createDisk(name, size, datastore);
    for (let at = 0; at < size; at += size / 4) await guest.write(at, Buffer.alloc(4096, at / 4096 + 1));
    await guest.flush();
  },
);

When("the server is stopped", async function (this: Lab) {
  await this.part(LocalServer).stop();
});
When("the server is started", async function (this: Lab) {
  await this.part(LocalServer).start();
});
When("the server is started again", async function (this: Lab) {
  const server = this.part(LocalServer);
  await server.stop();
  await server.start();
});
When("the server is killed and started again", async function (this: Lab) {
  const server = this.part(LocalServer);
  await server.stop("SIGKILL");
  await server.start();
});
When("another server is started on the same data", async function (this: Lab) {
  assert.equal(await this.part(LocalServer).tryToStart(), false, "it got ready");
});
When("a server is tried to start", async function (this: Lab) {
  assert.equal(await this.part(LocalServer).tryToStart(), false, "it got ready");
});

Then("`server.json` names the URL and the process", async function (this: Lab) {
  const file = z.object({ url: z.string(), pid: z.int() });
  const found = file.parse(JSON.parse(await readFile(join(this.dataDir, "server.json"), "utf8")));
  assert.equal(found.url, this.part(LocalServer).url);
  process.kill(found.pid, 0);
});
Then("`server.json` is gone", async function (this: Lab) {
  await assert.rejects(stat(join(this.dataDir, "server.json")), { code: "ENOENT" });
});
Then("the server has ended well", function (this: Lab) {
  const { code, signal, err } = this.part(LocalServer).last;
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, err);
});
Then("the server's failure is reported as {code}", async function (this: Lab, code: string) {
  await this.part(LocalServer).expectReport(code);
});
