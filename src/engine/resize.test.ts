import { readFile, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { losingCatalog, NbdClient, type SeenCommit } from "../testing/index.ts";
import { type DiskView, MIB, TestEngine, type TestEngineOptions } from "./testing/test-engine.ts";

const BLOCK = 4096;
const running: TestEngine[] = [];
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.end();
});
const begin = async (options: TestEngineOptions = {}): Promise<TestEngine> => {
  const engine = await TestEngine.start(options);
  running.push(engine);
  return engine;
};
const restarted = async (engine: TestEngine, options: TestEngineOptions = {}): Promise<TestEngine> => {
  await engine.stop();
  return begin({ ...options, folder: engine.folder });
};

/** Which bytes there are, each once: comparing megabytes one by one takes the test library minutes. */
const bytesIn = (content: Buffer): readonly number[] => [...new Set(content)];
const resize = (engine: TestEngine, sizeBytes: number, options: { shrink?: boolean } = {}) =>
  engine.call<DiskView>("disks.resize", { name: "web", sizeBytes, ...options });
const shown = (engine: TestEngine) => engine.call<DiskView>("disks.show", { name: "web" });
const fileOf = async (engine: TestEngine): Promise<string> =>
  (await shown(engine)).layers[0]?.location as string;
const resizing = ({ queries }: SeenCommit): boolean =>
  queries.some(({ sql }) => /^update "disk" set "size_bytes"/.test(sql));

test.each([0, 2])(
  "a grown disk shows to new clients, and keeps its size over a restart (%i disk threads)",
  async (diskThreads) => {
    const engine = await begin({ diskThreads });
    const { epoch } = await engine.create("web");
    const early = await engine.connect("web");
    await early.write(0, Buffer.alloc(BLOCK, 1));
    expect(await resize(engine, 8 * MIB)).toMatchObject({ sizeBytes: 8 * MIB, epoch, state: "available" });
    const late = await engine.connect("web");
    expect([early.sizeBytes, late.sizeBytes]).toEqual([4 * MIB, 8 * MIB]);
    expect(bytesIn(await late.read(4 * MIB, 4 * MIB))).toEqual([0]);
    await late.write(8 * MIB - BLOCK, Buffer.alloc(BLOCK, 2), { fua: true });
    await expect(early.write(4 * MIB, Buffer.alloc(BLOCK))).rejects.toMatchObject({
      data: { errno: "ENOSPC" },
    });
    await expect(early.read(4 * MIB - BLOCK, 2 * BLOCK)).rejects.toMatchObject({ data: { errno: "EINVAL" } });
    expect((await early.read(0, 512))[0]).toBe(1);

    const again = await restarted(engine, { diskThreads });
    const client = await again.connect("web");
    expect(client.sizeBytes).toBe(8 * MIB);
    expect((await client.read(8 * MIB - BLOCK, 512))[0]).toBe(2);
    expect((await stat(await fileOf(again))).size).toBe(8 * MIB);
  },
);

test("a grown disk moves whole", async () => {
  const engine = await begin();
  await engine.create("web", "fast");
  await resize(engine, 6 * MIB);
  const client = await engine.connect("web");
  await client.write(6 * MIB - BLOCK, Buffer.alloc(BLOCK, 3));
  expect(await engine.ended(await engine.move(["web"]))).toMatchObject({ state: "succeeded" });
  expect((await client.read(6 * MIB - BLOCK, 512))[0]).toBe(3);
  expect((await readFile(await fileOf(engine))).at(-1)).toBe(3);
});

test("a disk isn't resized in a store whose layers can't change their length", async () => {
  // It would answer as if it had done it.
  const unable = fileURLToPath(
    new URL("../conformance/broken/datastore/missing-resize-is-refused.ts", import.meta.url),
  );
  const sections = () => ({ plugins: [unable], datastores: { fast: { plugin: "broken-datastore-memory" } } });
  const engine = await begin({ sections });
  await engine.create("web");
  for (const sizeBytes of [8 * MIB, 2 * MIB])
    await expect(resize(engine, sizeBytes, { shrink: true })).rejects.toMatchObject({
      code: "capability-missing",
    });
  expect(await shown(engine)).toMatchObject({ sizeBytes: 4 * MIB });
});

test("resizing to the size that a disk has does nothing, also while it moves", async () => {
  const engine = await begin();
  await engine.create("web", "fast");
  const hold = engine.holds.at("copying/recorded");
  const moving = await engine.move(["web"]);
  await hold.reached;
  expect(await resize(engine, 4 * MIB)).toMatchObject({ sizeBytes: 4 * MIB });
  hold.goOn();
  await engine.ended(moving);
});

test("what had grown of a disk that didn't doesn't move with it, and a disk that moves doesn't grow (M-31)", async () => {
  let moving: Promise<{ readonly id: string }> | undefined;
  const engine = await begin({
    throughCatalog: (inner) =>
      losingCatalog(inner, (commit) => (resizing(commit) && moving === undefined ? "refuse" : "deliver")),
  });
  await engine.create("web", "fast");
  await expect(resize(engine, 8 * MIB)).rejects.toThrow("connection was lost");
  moving = engine.move(["web"]);
  const { id } = await moving;
  await expect(resize(engine, 8 * MIB)).rejects.toMatchObject({ code: "migration-running" });
  expect(await engine.ended({ id })).toMatchObject({ state: "succeeded" });
  expect((await stat(await fileOf(engine))).size).toBe(4 * MIB);
});

test.each(["refuse", "lose"] as const)(
  "a crash between a layer's growth and its disk's loses nothing (the catalog's answer: %s)",
  async (fate) => {
    const engine = await begin({
      throughCatalog: (inner) => losingCatalog(inner, (commit) => (resizing(commit) ? fate : "deliver")),
    });
    await engine.create("web");
    const client = await engine.connect("web");
    await client.write(4 * MIB - BLOCK, Buffer.alloc(BLOCK, 4), { fua: true });
    await expect(resize(engine, 8 * MIB)).rejects.toThrow();
    expect((await stat(await fileOf(engine))).size).toBe(8 * MIB);
    // Where the answer alone was lost, clients are told what the catalog has.
    const sizeBytes = fate === "refuse" ? 4 * MIB : 8 * MIB;
    expect((await engine.connect("web")).sizeBytes).toBe(sizeBytes);
    const again = await restarted(engine);
    expect(await shown(again)).toMatchObject({ state: "available", sizeBytes });
    expect(await resize(again, 8 * MIB)).toMatchObject({ sizeBytes: 8 * MIB });
    const grown = await again.connect("web");
    expect((await grown.read(4 * MIB - BLOCK, 512))[0]).toBe(4);
    expect(bytesIn(await grown.read(4 * MIB, 4 * MIB))).toEqual([0]);
  },
);

test("no client is told a size before the catalog has it", async () => {
  const engine = await begin();
  await engine.create("web");
  const before = engine.holds.at("resized/before");
  const growing = resize(engine, 8 * MIB);
  await before.reached;
  expect((await engine.connect("web")).sizeBytes).toBe(4 * MIB);
  const done = engine.holds.at("resized/done");
  before.goOn();
  await done.reached;
  expect((await engine.connect("web")).sizeBytes).toBe(8 * MIB);
  done.goOn();
  await growing;
});

test("clients of a shared port are told the size from when the disk can be reached again", async () => {
  const engine = await begin({
    sections: () => ({ exports: { nbd: { plugin: "export-nbd", listen: "127.0.0.1:0" } } }),
  });
  const { exports } = await engine.create("web");
  const tcp = exports.find(({ uri }) => uri.startsWith("nbd://"))?.uri as string;
  for (const sizeBytes of [8 * MIB, 2 * MIB]) {
    const done = engine.holds.at("resized/done");
    const resizing = resize(engine, sizeBytes, { shrink: true });
    await done.reached;
    const client = await NbdClient.connect(tcp);
    expect(client.sizeBytes).toBe(sizeBytes);
    await client.disconnect();
    done.goOn();
    await resizing;
  }
});

test("a thread that is lost when a disk has grown opens it as long as it is by then", async () => {
  const engine = await begin({ diskThreads: 1 });
  const { id } = await engine.create("web");
  const recorded = engine.holds.at("resized/recorded");
  const growing = resize(engine, 8 * MIB);
  await recorded.reached;
  await engine.created.killDiskThread(0);
  recorded.goOn();
  expect(await growing).toMatchObject({ sizeBytes: 8 * MIB });
  await engine.until({ disk: id }, async () => (await shown(engine)).state === "available");
  expect((await engine.connect("web")).sizeBytes).toBe(8 * MIB);
});

test("a layer that is not the disk's to open is not shrunk either", async () => {
  const engine = await begin();
  await engine.create("web");
  const client = await engine.connect("web");
  await client.write(0, Buffer.alloc(4 * MIB, 5), { fua: true });
  const file = await fileOf(engine);
  await engine.stop();
  // As where the catalog was put back from a copy.
  const sidecar = file.replace(".raw", ".json");
  const text = await readFile(sidecar, "utf8");
  await writeFile(sidecar, text.replace('"epoch": 1', '"epoch": 9'));
  const again = await begin({ folder: engine.folder });
  expect(await shown(again)).toMatchObject({ state: "unavailable" });
  await expect(resize(again, 2 * MIB, { shrink: true })).rejects.toMatchObject({ code: "disk-unavailable" });
  const content = await readFile(file);
  expect([content.length, ...bytesIn(content)]).toEqual([4 * MIB, 5]);
});

test("a disk shrinks only when told that its end may be lost, and with nobody attached", async () => {
  const engine = await begin();
  await engine.create("web");
  const client = await engine.connect("web");
  await client.write(0, Buffer.alloc(4 * MIB, 5), { fua: true });
  await expect(resize(engine, 2 * MIB)).rejects.toMatchObject({ code: "disk-shrink-refused" });
  await expect(resize(engine, 2 * MIB, { shrink: true })).rejects.toMatchObject({ code: "disk-in-use" });
  expect((await client.read(4 * MIB - 1024, 512))[0]).toBe(5);
  await client.disconnect();
  expect(await resize(engine, 2 * MIB, { shrink: true })).toMatchObject({
    sizeBytes: 2 * MIB,
    state: "available",
  });
  expect((await stat(await fileOf(engine))).size).toBe(2 * MIB);
  const after = await engine.connect("web");
  expect(after.sizeBytes).toBe(2 * MIB);
  expect(bytesIn(await after.read(0, 2 * MIB))).toEqual([5]);
  await resize(engine, 4 * MIB);
  expect(bytesIn(await (await engine.connect("web")).read(2 * MIB, 2 * MIB))).toEqual([0]);
});

test("a crash while a disk shrinks leaves the old size or the new, and nothing that growing brings back", async () => {
  for (const fate of ["refuse", "lose"] as const) {
    const engine = await begin({
      throughCatalog: (inner) => losingCatalog(inner, (commit) => (resizing(commit) ? fate : "deliver")),
    });
    await engine.create("web");
    const client = await engine.connect("web");
    await client.write(0, Buffer.alloc(4 * MIB, 6), { fua: true });
    await client.disconnect();
    await expect(resize(engine, 2 * MIB, { shrink: true })).rejects.toThrow();
    expect((await stat(await fileOf(engine))).size).toBe(4 * MIB);
    const again = await restarted(engine);
    expect(await shown(again)).toMatchObject({
      state: "available",
      sizeBytes: fate === "refuse" ? 4 * MIB : 2 * MIB,
    });
    await resize(again, 4 * MIB);
    const grown = await again.connect("web");
    expect(bytesIn(await grown.read(0, 2 * MIB))).toEqual([6]);
    expect(bytesIn(await grown.read(2 * MIB, 2 * MIB))).toEqual([0]);
  }
});

test("growing is told as an event, and a size that no disk can have is refused", async () => {
  const engine = await begin();
  const { id } = await engine.create("web");
  const events = engine.created.engine.events({ types: ["disk.resized"] })[Symbol.asyncIterator]();
  const next = events.next();
  await resize(engine, 8 * MIB);
  expect((await next).value).toMatchObject({
    disk: id,
    data: { name: "web", formerBytes: 4 * MIB, sizeBytes: 8 * MIB },
  });
  await events.return?.();
  await expect(resize(engine, 8 * MIB + 1)).rejects.toMatchObject({ code: "input-invalid" });
  await expect(engine.call("disks.resize", { name: "none", sizeBytes: MIB })).rejects.toMatchObject({
    code: "disk-not-found",
  });
});
