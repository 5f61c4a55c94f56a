import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Conductor } from "../../step-definitions/rehearsal/conductor.ts";
import { rehearsedEngine } from "./testing/rehearsed.ts";
import { type DiskView, TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const reopen = (started: TestEngine, options: object = {}) =>
  started.call<DiskView>("disks.reopen", { name: "web", ...options });

test("a disk that is unavailable is served again once its cause is mended, without a restart", async () => {
  const first = await TestEngine.start();
  engine = first;
  await first.create("web");
  await (await first.connect("web")).write(0, Buffer.alloc(BLOCK, 5), { fua: true });
  await first.stop();
  const root = join(first.folder, "fast");
  await rename(root, `${root}.away`);
  const started = await TestEngine.start({ folder: first.folder });
  engine = started;
  expect(await started.disk("web")).toMatchObject({ state: "unavailable", exports: [] });
  // Not mended yet: it says so, and stays as it was.
  await expect(reopen(started)).rejects.toMatchObject({
    code: "disk-unavailable",
    cause: { code: "datastore-unavailable" },
  });
  expect(await started.disk("web")).toMatchObject({ state: "unavailable" });
  await rename(`${root}.away`, root);
  const reopened = await reopen(started);
  expect(reopened).toMatchObject({ state: "available" });
  expect(reopened.report).toBeUndefined();
  const client = await started.connect("web");
  expect((await client.read(0, BLOCK)).equals(Buffer.alloc(BLOCK, 5))).toBe(true);
  expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
});

test("a disk that is open is opened anew with all that was written; its clients are cut off only if that is asked for", async () => {
  const conductor = new Conductor();
  const started = await rehearsedEngine(conductor);
  engine = started;
  await started.create("web");
  const client = await started.connect("web");
  await client.write(0, Buffer.alloc(BLOCK, 5), { fua: true });
  await expect(reopen(started)).rejects.toMatchObject({ code: "disk-in-use" });
  await client.write(BLOCK, Buffer.alloc(BLOCK, 6));
  await reopen(started, { force: true });
  await client.closed;
  const again = await started.connect("web");
  expect((await again.read(0, BLOCK)).equals(Buffer.alloc(BLOCK, 5))).toBe(true);
  expect((await again.read(BLOCK, BLOCK)).equals(Buffer.alloc(BLOCK, 6))).toBe(true);
  await again.flush();
});

test("a disk that is moved is left alone, and so is one that isn't there", async () => {
  const started = await TestEngine.start();
  engine = started;
  await started.create("web");
  const hold = started.holds.at("converging/before");
  const moving = await started.move(["web"]);
  await hold.reached;
  await expect(reopen(started, { force: true })).rejects.toMatchObject({ code: "migration-running" });
  hold.goOn();
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded" });
  await expect(started.call("disks.reopen", { name: "nope" })).rejects.toMatchObject({
    code: "disk-not-found",
  });
});
