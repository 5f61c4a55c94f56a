import assert from "node:assert/strict";
import { copyFile, mkdir, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Then, When } from "pagurus/steps";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const MIB = 1024 * 1024;

/** Copies the catalog of a server that is stopped, whole as it is on disk. */
const copyCatalog = async (from: string, to: string): Promise<void> => {
  for (const name of await readdir(from))
    if (name.startsWith("catalog.db") && !name.endsWith(".lock"))
      await copyFile(join(from, name), join(to, name));
};

const backupOf = async (lab: Lab, name: string): Promise<void> => {
  await mkdir(join(lab.folder, name));
  await copyCatalog(lab.dataDir, join(lab.folder, name));
};

const putBack = async (lab: Lab, name: string): Promise<void> => {
  for (const left of ["catalog.db", "catalog.db-wal", "catalog.db-shm"])
    await rm(join(lab.dataDir, left), { force: true });
  await copyCatalog(join(lab.folder, name), lab.dataDir);
};

When("the catalog is damaged", async function (this: Lab) {
  const file = await open(join(this.dataDir, "catalog.db"), "r+");
  await file.write(Buffer.alloc(4096, "damage"), 0, 4096, 0);
  await file.close();
});
When("the server is stopped and its catalog is copied", async function (this: Lab) {
  await this.part(LocalServer).stop();
  await backupOf(this, "older");
});
When("the copy of the catalog is put back and the server started", async function (this: Lab) {
  await putBack(this, "older");
  await this.part(LocalServer).start();
});
When(
  "the server is started, {string} is moved to {string}, and the server is stopped",
  async function (this: Lab, disk: string, to: string) {
    const server = this.part(LocalServer);
    await server.start();
    assert.equal((await server.move(disk, to)).state, "succeeded");
    await server.stop();
    await backupOf(this, "newest");
  },
);
When(
  "the server is started, {string} is moved to {string} with its source kept, and the server is stopped",
  async function (this: Lab, disk: string, to: string) {
    const server = this.part(LocalServer);
    await server.start();
    const [source] = (await server.showDisk(disk)).layers;
    this.kept.add(`${source?.datastore}/${source?.layer}`);
    assert.equal((await server.move(disk, to, { keepSource: true })).state, "succeeded");
    await server.stop();
    await backupOf(this, "newest");
  },
);
When(
  "the server is stopped, and started after the file of {string} lost its end",
  async function (this: Lab, disk: string) {
    const server = this.part(LocalServer);
    const file = await server.fileOf(disk);
    await server.stop();
    await truncate(file, MIB / 2);
    await server.start();
  },
);

Then(
  "{string} is unavailable, and the report of {code} says what to do: {string}",
  async function (this: Lab, disk: string, code: string, remedy: string) {
    const server = this.part(LocalServer);
    const { state, exports } = await server.showDisk(disk);
    assert.deepEqual({ state, exports }, { state: "unavailable", exports: [] });
    const { sentence } = await server.expectReport(code);
    assert.match(sentence, new RegExp(`disk ${disk}\\b`));
    assert.ok(sentence.includes(remedy), sentence);
  },
);
Then(
  "the newest catalog serves {string} in {string} again, with everything the client wrote",
  async function (this: Lab, disk: string, datastore: string) {
    const server = this.part(LocalServer);
    await server.stop();
    await putBack(this, "newest");
    await server.start();
    assert.equal((await server.showDisk(disk)).datastore, datastore);
    const guest = server.guestOf(disk);
    await guest.reconnect();
    assert.deepEqual(await guest.wrongBlocks(), []);
  },
);
Then("the client of {string} finds everything it wrote", async function (this: Lab, disk: string) {
  const guest = this.part(LocalServer).guestOf(disk);
  await guest.reconnect();
  assert.deepEqual(await guest.wrongBlocks(), []);
});
Then("the file of {string} is as it was left", async function (this: Lab, disk: string) {
  const [layer] = (await this.part(LocalServer).showDisk(disk)).layers;
  const file = join(this.folderOf(layer?.datastore ?? ""), `${layer?.layer}.raw`);
  assert.equal((await stat(file)).size, MIB / 2);
});
