import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Disk, JsonObject } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import type { JobView } from "./lab/job-view.ts";
import { bytesTaken } from "./lab/layer-files.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const DATA_BYTES = 64 * 1024;
/** Slow enough that it is killed in the middle. */
const SLOWLY = { maxBytesPerSecond: 512 * 1024 };

const pathOf = (lab: Lab, name: string): string => join(lab.folder, name);
const contentOf = (lab: Lab, name: string): Promise<Buffer> => readFile(pathOf(lab, name));

/** A file of that size with data at its beginning, in its middle and at its end, and holes between. */
Given("the raw image {string} of {size}", async function (this: Lab, name: string, size: number) {
  const image = await open(pathOf(this, name), "w");
  for (const at of [0, size / 2, size - DATA_BYTES])
    await image.write(randomBytes(DATA_BYTES), 0, DATA_BYTES, at);
  await image.close();
});
Given(
  "the raw image {string} of {size}, full of data",
  async function (this: Lab, name: string, size: number) {
    await writeFile(pathOf(this, name), randomBytes(size));
  },
);
Given("the qcow2 image {string} over {string}", async function (this: Lab, name: string, base: string) {
  const args = ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", pathOf(this, base), pathOf(this, name)];
  await this.part(LocalServer).tool("qemu-img", args);
});
Given("a server without QEMU's programs", async function (this: Lab) {
  const server = this.part(LocalServer);
  const bin = pathOf(this, "bin");
  await mkdir(bin);
  await symlink(process.execPath, join(bin, "node"));
  server.environment = { PATH: bin };
  await server.start();
});

/** Starts the job and kills the server once something was copied. */
async function killedMidway(lab: Lab, name: string, input: JsonObject, flags = ""): Promise<void> {
  const server = lab.part(LocalServer);
  const resume = flags.includes("--resume");
  const { id } = await server.call<JobView>(name, { ...input, ...SLOWLY, resume });
  await server.jobTells(id, ({ type, data }) => type === "job.progressed" && Number(data["bytesCopied"]) > 0);
  await server.stop("SIGKILL");
}

When(
  "the server is killed while {string} is imported from {string}",
  async function (this: Lab, disk: string, image: string) {
    const input = { name: disk, path: pathOf(this, image), datastore: "fast" };
    await killedMidway(this, "disks.import", input);
  },
);
When(
  "the server is killed while {string} is imported from {string} with {string}",
  async function (this: Lab, disk: string, image: string, flags: string) {
    const input = { name: disk, path: pathOf(this, image), datastore: "fast" };
    await killedMidway(this, "disks.import", input, flags);
  },
);
When(
  "the server is killed while {string} is exported to {string}",
  async function (this: Lab, disk: string, image: string) {
    await killedMidway(this, "disks.export", { name: disk, path: pathOf(this, image) });
  },
);
When(
  "the server is killed while {string} is exported to {string} with {string}",
  async function (this: Lab, disk: string, image: string, flags: string) {
    await killedMidway(this, "disks.export", { name: disk, path: pathOf(this, image) }, flags);
  },
);

Then("the files {string} and {string} are equal", async function (this: Lab, one: string, other: string) {
  assert.ok((await contentOf(this, one)).equals(await contentOf(this, other)));
});
Then(
  "the files {string} and {string} are equal, and take at most {size} each",
  async function (this: Lab, one: string, other: string, most: number) {
    assert.ok((await contentOf(this, one)).equals(await contentOf(this, other)));
    for (const name of [one, other]) {
      const taken = await bytesTaken(pathOf(this, name));
      assert.ok(taken <= most, `${name} takes ${taken} bytes`);
    }
  },
);
Then(
  "the file {string} is {string}, padded with zeroes",
  async function (this: Lab, long: string, short: string) {
    const { size } = await stat(pathOf(this, long));
    await truncate(pathOf(this, short), size);
    assert.ok((await contentOf(this, short)).equals(await contentOf(this, long)));
  },
);
Then("only the server's user can read {string}", async function (this: Lab, name: string) {
  assert.equal((await stat(pathOf(this, name))).mode & 0o777, 0o600);
});
Then(
  "qemu-img finds {string} whole and equal to {string}",
  async function (this: Lab, name: string, raw: string) {
    const server = this.part(LocalServer);
    const format = name.split(".").at(-1) ?? "";
    await server.tool("qemu-img", ["check", "-f", format, pathOf(this, name)]);
    await server.tool("qemu-img", [
      "compare",
      "-f",
      format,
      "-F",
      "raw",
      pathOf(this, name),
      pathOf(this, raw),
    ]);
  },
);
Then("the folder has {names} alone", async function (this: Lab, names: string[]) {
  assert.deepEqual((await readdir(this.folder)).sort(), [...names].sort());
});
Then(
  "there is no file {string}, and what there is of it is named so",
  async function (this: Lab, name: string) {
    const there = await readdir(dirname(pathOf(this, name)));
    const like = there.filter((one) => one.startsWith(name));
    assert.equal(like.length, 1);
    assert.match(like[0] ?? "", /\.job-\w+\.partial$/);
  },
);
Then(
  "there is no disk {string}, and {string} is empty",
  async function (this: Lab, disk: string, datastore: string) {
    await assert.rejects(this.part(LocalServer).showDisk(disk), { code: "disk-not-found" });
    assert.deepEqual(await readdir(this.folderOf(datastore)), []);
  },
);
Then(
  "the disk {string} is still creating, and nobody can attach to it",
  async function (this: Lab, name: string) {
    const disk: Disk = await this.part(LocalServer).showDisk(name);
    assert.deepEqual([disk.state, disk.exports], ["creating", []]);
  },
);
Then("the interrupted job is reported", async function (this: Lab) {
  await this.part(LocalServer).expectReport("interrupted");
});
Then("it has copied less than {size}", function (this: Lab, size: number) {
  const { bytesCopied } = JSON.parse(this.part(LocalServer).last.out) as { bytesCopied: number };
  assert.ok(bytesCopied < size, `it has copied ${bytesCopied} bytes`);
});
