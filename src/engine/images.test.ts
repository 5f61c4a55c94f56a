import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { native } from "../native/index.ts";
import { type JobView, MIB, TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
const SLOWLY = { maxBytesPerSecond: MIB };

let engine: TestEngine;
let folder: string;
let path: string;
beforeEach(async () => {
  engine = await TestEngine.start();
  folder = join(engine.folder, "images");
  path = join(folder, "web.raw");
  await mkdir(folder);
});
afterEach(() => engine.end(), 30_000);

const started = (name: string, options: object = {}): Promise<JobView> =>
  engine.call(name, { name: "web", path, ...options });
const run = async (name: string, options: object = {}): Promise<JobView> =>
  engine.ended(await started(name, options));
const digest = async () => (await engine.call<{ digest: string }>("disks.digest", { name: "web" })).digest;
const copying = (id: string) =>
  engine.until({ job: id }, async () => Number((await engine.job(id)).progress?.["bytesCopied"] ?? 0) > 0);

test("an image becomes a disk, its holes stay holes, and what is missing at its end are zeroes", async () => {
  const image = await open(path, "w");
  await image.write(randomBytes(MIB), 0, MIB, 2 * MIB);
  await image.write(Buffer.from("end"), 0, 3, 64 * MIB);
  await image.close();
  const padded = Buffer.concat([await readFile(path), Buffer.alloc(509)]);
  expect(await run("disks.import", { datastore: "fast" })).toMatchObject({
    ...{ state: "succeeded", format: "raw", datastore: "fast" },
    ...{ sizeBytes: 64 * MIB + 512, paddedBytes: 509 },
    verification: { equal: true },
  });
  expect(await digest()).toBe(createHash("sha256").update(padded).digest("hex"));
  const { layers } = await engine.disk("web");
  expect((await stat(layers[0]?.location as string)).blocks * 512).toBeLessThan(2 * MIB);
});

test("an exported image shows one moment of a guest that goes on writing", async () => {
  await engine.create("web", "fast", 16 * MIB);
  const client = await engine.connect("web");
  await client.write(MIB, randomBytes(8 * MIB));
  let stopped = false;
  /** Each number is at both ends of the disk before the next one is written anywhere. */
  const writing = (async () => {
    for (let number = 1; !stopped; number++)
      for (const at of [0, 15 * MIB]) await client.write(at, Buffer.alloc(BLOCK, `${number} `));
    return true;
  })();
  path = join(folder, "web.img");
  const job = await run("disks.export", { maxPauseMs: 20_000, maxBytesPerSecond: 16 * MIB });
  stopped = true;
  expect(await writing).toBe(true);
  expect(job).toMatchObject({ state: "succeeded", format: "raw", verification: { equal: true } });
  const image = await readFile(path);
  const [first, last] = [0, 15 * MIB].map((at) => Number.parseInt(image.toString("latin1", at, at + 9), 10));
  expect([last, Number(last) + 1]).toContain(first);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(path)).blocks * 512).toBeLessThan(10 * MIB);
  expect((await engine.disk("web")).datastore).toBe("fast");
  await client.write(0, Buffer.alloc(BLOCK, 1));
});

test.each([{}, { resume: true }])("a cancelled import leaves nothing (%j)", async (options) => {
  await writeFile(path, randomBytes(8 * MIB));
  const { id } = await started("disks.import", { ...SLOWLY, ...options });
  await copying(id);
  expect((await engine.disk("web")).state).toBe("creating");
  await expect(engine.call("disks.remove", { name: "web" })).rejects.toMatchObject({
    code: "migration-running",
  });
  await engine.call("jobs.cancel", { id });
  expect(await engine.ended({ id })).toMatchObject({ state: "cancelled", outcome: { code: "cancelled" } });
  await expect(engine.disk("web")).rejects.toMatchObject({ code: "disk-not-found" });
  expect(await engine.files("fast")).toEqual([]);
});

test.each([{}, { resume: true }])(
  "a cancelled export leaves nothing, and the disk free (%j)",
  async (options) => {
    await engine.create("web", "fast", 8 * MIB);
    const client = await engine.connect("web");
    await client.write(0, randomBytes(8 * MIB));
    const { id } = await started("disks.export", { ...SLOWLY, ...options });
    await copying(id);
    expect(await readdir(folder)).toEqual([`web.raw.${id}.partial`]);
    await engine.call("jobs.cancel", { id });
    expect(await engine.ended({ id })).toMatchObject({ state: "cancelled" });
    expect(await readdir(folder)).toEqual([]);
    await client.disconnect();
    expect(await run("disks.export")).toMatchObject({ state: "succeeded" });
  },
);

test("a file that came to be at the place meanwhile is left as it is", async () => {
  await engine.create("web");
  const hold = engine.holds.at("named/before");
  const exporting = await started("disks.export");
  await hold.reached;
  await writeFile(path, "somebody's");
  hold.goOn();
  expect(await engine.ended(exporting)).toMatchObject({ state: "failed", outcome: { code: "image-exists" } });
  expect(await readdir(folder)).toEqual(["web.raw"]);
  expect(await readFile(path, "utf8")).toBe("somebody's");
});

test("an image that somebody writes is refused, and so is its writer while it is imported", async () => {
  await writeFile(path, randomBytes(4 * MIB));
  const writer = await open(path, "r+");
  // As QEMU does that has it open for writing.
  expect(native.lock(writer.fd, { kind: "shared", offset: 101, length: 1 })).toBe(true);
  await expect(started("disks.import")).rejects.toMatchObject({ code: "image-in-use" });
  await writer.close();
  const { id } = await started("disks.import", SLOWLY);
  await copying(id);
  const next = await open(path, "r+");
  expect(native.lockable(next.fd, { kind: "exclusive", offset: 201, length: 1 })).toBe(false);
  await next.close();
  await engine.call("jobs.cancel", { id });
  await engine.ended({ id });
});

test("what can be seen beforehand is refused before there is a job", async () => {
  const refused = (name: string, code: string, options: object = {}) =>
    expect(started(name, options), code).rejects.toMatchObject({ code });
  await refused("disks.import", "image-not-found");
  await refused("disks.import", "image-unusable", { path: folder });
  await refused("disks.import", "input-invalid", { path: "web.raw" });
  await refused("disks.import", "datastore-not-found", { datastore: "moon" });
  await refused("disks.export", "disk-not-found");
  await writeFile(path, "");
  await refused("disks.import", "image-unusable");
  await engine.create("web");
  await refused("disks.import", "disk-exists");
  await refused("disks.export", "image-exists");
  await refused("disks.export", "image-folder-unusable", { path: join(engine.folder, "nowhere", "web.raw") });
  await refused("disks.export", "image-format-unclear", { path: join(folder, "web.vdi") });
  expect(await engine.call("jobs.list", {})).toEqual({ items: [] });
});
