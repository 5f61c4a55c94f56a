import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { KillableEngine } from "./testing/killable-engine.ts";
import { type DiskView, type JobView, MIB } from "./testing/test-engine.ts";

const SIZE = 4 * MIB;
/** Slow enough to be killed in the middle. */
const SLOWLY = { maxBytesPerSecond: MIB / 2 };

interface Account extends JobView {
  readonly bytesCopied: number;
}

let server: KillableEngine;
let image: string;
let made: string;
let content: Buffer;
beforeAll(async () => {
  server = await KillableEngine.start();
  image = join(server.folder, "web.raw");
  made = join(server.folder, "archive", "made.raw");
  content = randomBytes(SIZE);
  await writeFile(image, content);
}, 60_000);
afterAll(() => server.end());
// A test that failed leaves its disk.
afterEach(async () => {
  await server.call("disks.remove", { name: "web" }).catch(() => undefined);
  for (const name of await images()) await rm(join(server.folder, "archive", name));
});

const disks = async () => (await server.call<{ items: DiskView[] }>("disks.list", {})).items;
const lastJob = async () => (await server.call<{ items: Account[] }>("jobs.list", {})).items[0] as Account;
const ended = async () => (await server.ended((await lastJob()).id)) as Account;
const start = (name: string, input: object) => server.call<Account>(name, { name: "web", ...input });
const importIt = (options: object = {}) =>
  start("disks.import", { path: image, datastore: "fast", ...options });
const exportIt = (options: object = {}) => start("disks.export", { path: made, ...options });
const digest = async () => (await server.call<{ digest: string }>("disks.digest", { name: "web" })).digest;
const contentDigest = () => createHash("sha256").update(content).digest("hex");
/** What the folder of the made image has, and it isn't a datastore of any disk. */
const images = () => readdir(join(server.folder, "archive"));

/** Kills the server when the job has copied something, and starts it again. */
const killedMidway = (begin: () => Promise<Account>) =>
  server.killedAt("answered", async () => {
    const { id } = await begin();
    await server.until(id, ({ progress }) => Number(progress?.["bytesCopied"] ?? 0) > 0);
  });

const importedDisk = async () => {
  const { id } = await importIt();
  expect(await server.ended(id)).toMatchObject({ state: "succeeded" });
};

test.each(["copying/before", "copying/recorded", "copying/done", "imported/before"])(
  "killed at %s, an import leaves nothing",
  async (point) => {
    await server.killedAt(point, () => importIt());
    expect(await ended()).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
    expect(await disks()).toEqual([]);
    expect(await server.files("fast")).toEqual([]);
  },
  60_000,
);

test("killed when the disk is there, an import has succeeded", async () => {
  await server.killedAt("imported/recorded", () => importIt());
  expect(await ended()).toMatchObject({ state: "succeeded", disk: "web", sizeBytes: SIZE });
  expect((await disks()).map(({ state }) => state)).toEqual(["available"]);
  expect(await digest()).toBe(contentDigest());
}, 60_000);

test("killed midway, an import that may be resumed keeps what it has, unattached, and goes on from there", async () => {
  await killedMidway(() => importIt({ ...SLOWLY, resume: true }));
  expect(await ended()).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
  const [half] = await disks();
  expect(half).toMatchObject({ name: "web", state: "creating", exports: [] });
  await expect(importIt()).rejects.toMatchObject({ code: "disk-half-imported" });
  const job = await server.ended((await importIt({ resume: true })).id);
  expect(job).toMatchObject({ state: "succeeded" });
  expect((job as Account).bytesCopied).toBeLessThan(SIZE);
  expect(await digest()).toBe(contentDigest());
  expect((await disks())[0]).toMatchObject({ id: half?.id, state: "available" });
}, 60_000);

test("a half-imported disk can be given up", async () => {
  await killedMidway(() => importIt({ ...SLOWLY, resume: true }));
  await ended();
  await server.call("disks.remove", { name: "web" });
  expect(await server.files("fast")).toEqual([]);
  await importedDisk();
}, 60_000);

test.each(["copying/before", "copying/recorded", "copying/done", "named/before", "named/done"])(
  "killed at %s, an export leaves nothing, and the disk as it was",
  async (point) => {
    await importedDisk();
    await server.killedAt(point, () => exportIt());
    expect(await ended()).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
    expect(await images()).toEqual([]);
    expect(await digest()).toBe(contentDigest());
  },
  60_000,
);

test("killed when the image has its name, an export has succeeded", async () => {
  await importedDisk();
  await server.killedAt("named/recorded", () => exportIt());
  expect(await ended()).toMatchObject({ state: "succeeded", path: made });
  expect(await images()).toEqual(["made.raw"]);
  expect((await readFile(made)).equals(content)).toBe(true);
}, 60_000);

test("killed midway, an export that may be resumed keeps what it has under another name, and goes on from there", async () => {
  await importedDisk();
  await killedMidway(() => exportIt({ ...SLOWLY, resume: true }));
  expect(await ended()).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
  expect(await images()).toEqual([expect.stringMatching(/^made\.raw\.job-\w+\.partial$/)]);
  const job = await server.ended((await exportIt({ resume: true })).id);
  expect(job).toMatchObject({ state: "succeeded" });
  expect((job as Account).bytesCopied).toBeLessThan(SIZE);
  expect(await images()).toEqual(["made.raw"]);
  expect((await readFile(made)).equals(content)).toBe(true);
}, 60_000);

test("what an export has kept goes with its disk", async () => {
  await importedDisk();
  await killedMidway(() => exportIt({ ...SLOWLY, resume: true }));
  await ended();
  expect(await images()).toHaveLength(1);
  await server.call("disks.remove", { name: "web" });
  expect(await images()).toEqual([]);
}, 60_000);
