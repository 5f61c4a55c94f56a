import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installPluginV1 } from "./testing/stranger.ts";
import { type JobView, MIB, TestEngine } from "./testing/test-engine.ts";

/**
 * `testing/plugin-v1` is what a stranger compiled against version 1 of the contract. Nobody changes it: where a test
 * here fails, the contract has broken a promise.
 */
let folder = "";
let engine: TestEngine;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-v1-"));
});
afterEach(async () => {
  await engine.end();
  await rm(folder, { recursive: true, force: true });
});

const start = async (diskThreads = 0) => {
  const plugin = await installPluginV1(folder);
  engine = await TestEngine.start({
    folder,
    diskThreads,
    sections: () => ({
      plugins: [plugin],
      datastores: { wood: { plugin: "driftwood", limitBytes: 16 * MIB }, more: { plugin: "driftwood" } },
      sinks: { shore: { plugin: "driftwood", reports: join(folder, "reports.jsonl") } },
    }),
  });
};
const reports = async () =>
  (await readFile(join(folder, "reports.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

describe.each([0, 1])("a plugin of version 1, with %i disk threads", (diskThreads) => {
  it("keeps disks, which guests use and which are moved, made longer and removed", async () => {
    await start(diskThreads);
    await engine.create("web", "wood");
    const guest = await engine.connect("web");
    await guest.write(4096, Buffer.alloc(8192, 7));
    await guest.flush();
    const job = await engine.ended(await engine.move(["web"], { to: "more", maxPauseMs: 20_000 }));
    expect(job).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
    expect(Buffer.alloc(8192, 7).equals(await guest.read(4096, 8192))).toBe(true);
    await guest.disconnect();
    await engine.call("disks.resize", { name: "web", sizeBytes: 8 * MIB });
    expect(await engine.disk("web")).toMatchObject({ sizeBytes: 8 * MIB, datastore: "more" });
    await engine.call("disks.remove", { name: "web" });
  });
});

describe("a plugin of version 1", () => {
  it("refuses with the codes of the contract, and its sink is told", async () => {
    await start();
    await expect(engine.create("big", "wood", 32 * MIB)).rejects.toMatchObject({ code: "no-space" });
    await engine
      .call("driftwood.float", { name: "raft", datastore: "wood", sink: true })
      .then((job) => engine.ended(job as JobView));
    expect(await reports()).toContainEqual({
      sentence: "Floating raft failed because the log raft has drifted away; throw another one.",
      rootCode: "driftwood-adrift",
      task: "driftwood.float",
      deliveredAt: expect.any(Number),
    });
  });

  it("has functions with schemas, routes and host services, and codes of its own", async () => {
    await start();
    await engine.create("web", "wood");
    expect(await engine.call("driftwood.weigh", { log: "oak" })).toEqual({
      log: "oak",
      disks: ["web"],
      sizeBytes: 4 * MIB,
    });
    await expect(engine.call("driftwood.weigh", { log: 3 })).rejects.toMatchObject({ code: "input-invalid" });
    await expect(engine.call("driftwood.weigh", { log: "cork" })).rejects.toMatchObject({
      code: "driftwood-adrift",
    });
    const described = await engine.created.engine.functions();
    expect(described.find(({ name }) => name === "driftwood.weigh")).toMatchObject({
      plugin: "driftwood",
      http: { method: "GET", path: "/v1/driftwood/{log}/weight" },
      input: { properties: { log: { minLength: 1, description: "which log to weigh by" } } },
    });
  });

  it("has jobs in steps, which are undone when they fail", async () => {
    await start();
    const float = (input: object) =>
      engine
        .call<JobView>("driftwood.float", { datastore: "wood", ...input })
        .then((job) => engine.ended(job));
    expect(await float({ name: "raft" })).toMatchObject({ state: "succeeded", phase: "landed", seen: true });
    expect(await float({ name: "raft", sink: true })).toMatchObject({ state: "failed", phase: "launched" });
    expect(await engine.call("disks.list", {})).toMatchObject({ items: [] });
  });
});
