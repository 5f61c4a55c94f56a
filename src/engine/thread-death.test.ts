import { readdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const begin = async () => {
  const started = await TestEngine.start({ diskThreads: 1 });
  engine = started;
  await started.create("web");
  const client = await started.connect("web");
  await client.write(0, Buffer.alloc(BLOCK, 5), { fua: true });
  return { started, client };
};

/** Served again, by a new thread, at the same address, with everything that was durable. */
const servedAgain = async (started: TestEngine, datastore: string) => {
  await started.until(
    { types: ["disk.reopened"] },
    async () => (await started.disk("web")).state === "available",
  );
  expect(await started.disk("web")).toMatchObject({ state: "available", datastore });
  const client = await started.connect("web");
  expect((await client.read(0, BLOCK)).equals(Buffer.alloc(BLOCK, 5))).toBe(true);
  await client.write(BLOCK, Buffer.alloc(BLOCK, 6), { fua: true });
  expect(await readdir(join(started.folder, "data", "run"))).toHaveLength(1);
};

test("an idle disk's thread dies: the disk is reopened, clients reconnect to the same socket", async () => {
  const { started, client } = await begin();
  const { exports } = await started.disk("web");
  await started.created.killDiskThread(0);
  await client.closed;
  await servedAgain(started, "fast");
  expect((await started.disk("web")).exports).toEqual(exports);
  expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
});

test.each([
  "copying/recorded",
  "copying/done",
  "converging/recorded",
  "stunned/before",
  "stunned/done",
  "switched/before",
])(
  "it dies at %s, before the commit: the job is interrupted, the source goes on, nothing is left",
  async (point) => {
    const { started } = await begin();
    const hold = started.holds.at(point);
    const moving = await started.move(["web"], { maxPauseMs: 20_000 });
    await hold.reached;
    await started.created.killDiskThread(0);
    hold.goOn();
    const job = await started.ended(moving);
    if (point === "switched/before") {
      // The target was equal and durable before the thread died: the commit goes through.
      expect(job).toMatchObject({ state: "succeeded" });
      return servedAgain(started, "archive");
    }
    expect(job).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
    expect(job.report?.sentence).toMatch(/^Moving web to archive failed because disk thread 0 ended /);
    await servedAgain(started, "fast");
    expect(await started.files("archive")).toEqual([]);
    expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
  },
);

test.each(["switched/recorded", "switched/done", "cleaned/before", "cleaned/recorded"])(
  "it dies at %s, after the commit: the job goes forward",
  async (point) => {
    const { started } = await begin();
    const hold = started.holds.at(point);
    const moving = await started.move(["web"], { maxPauseMs: 20_000 });
    await hold.reached;
    await started.created.killDiskThread(0);
    hold.goOn();
    expect(await started.ended(moving)).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
    await servedAgain(started, "archive");
    expect(await started.files("fast")).toEqual([]);
  },
);

test("it dies when the target is equal, but before the commit began, and a client writes to the reopened source", async () => {
  const { started } = await begin();
  const ready = started.holds.at("switched/ready");
  const moving = await started.move(["web"], { maxPauseMs: 20_000 });
  await ready.reached;
  await started.created.killDiskThread(0);
  await servedAgain(started, "fast");
  const client = await started.connect("web");
  await client.write(2 * BLOCK, Buffer.alloc(BLOCK, 9), { fua: true });
  ready.goOn();
  expect(await started.ended(moving)).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
  expect(await started.disk("web")).toMatchObject({ datastore: "fast", epoch: 1 });
  expect((await client.read(2 * BLOCK, BLOCK)).equals(Buffer.alloc(BLOCK, 9))).toBe(true);
});

const faulty = fileURLToPath(new URL("./testing/faulty-datastore.ts", import.meta.url));
const withFaulty = {
  diskThreads: 1,
  sections: (folder: string) => ({
    plugins: [faulty],
    datastores: {
      fast: { plugin: "datastore-local", root: join(folder, "fast") },
      archive: { plugin: "datastore-local", root: join(folder, "archive") },
      faulty: { plugin: "faulty", failToStartWhile: join(folder, "broken") },
    },
  }),
};

test("an exception that nobody catches ends its thread, not the server", async () => {
  const started = await TestEngine.start(withFaulty);
  engine = started;
  await started.create("web");
  const client = await started.connect("web");
  await client.write(0, Buffer.alloc(BLOCK, 5), { fua: true });
  await expect(started.call("datastores.check", { id: "faulty" })).rejects.toMatchObject({
    code: "disk-thread-lost",
    data: { reason: "nobody catches this" },
  });
  await servedAgain(started, "fast");
});

test("a thread whose kernel does not start fails what needed it; the server starts, and the next call tries again", async () => {
  const started = await TestEngine.start(withFaulty);
  await started.create("web");
  await started.stop();
  await writeFile(join(started.folder, "broken"), "");
  const broken = await TestEngine.start({ ...withFaulty, folder: started.folder });
  engine = broken;
  expect(await broken.disk("web")).toMatchObject({ state: "unavailable" });
  await expect(broken.create("db")).rejects.toBeDefined();
  await unlink(join(started.folder, "broken"));
  expect(await broken.create("db")).toMatchObject({ state: "available" });
});
