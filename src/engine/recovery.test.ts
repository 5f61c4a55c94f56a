import { copyFile, readdir, readFile, rename, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Conductor } from "../../step-definitions/rehearsal/conductor.ts";
import type { Catalog } from "../contract/index.ts";
import { losingCatalog, type SeenCommit } from "../testing/losing-catalog.ts";
import { rehearsedEngine } from "./testing/rehearsed.ts";
import { MIB, TestEngine, type TestEngineOptions } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const begin = async (options: TestEngineOptions = {}) => {
  engine = await TestEngine.start(options);
  return engine;
};
/** Every file of the catalog, copied. */
const copyCatalog = async (from: string, to: string) => {
  for (const suffix of ["", "-wal", "-shm"]) {
    await rm(`${to}${suffix}`, { force: true });
    await copyFile(`${from}${suffix}`, `${to}${suffix}`).catch(() => undefined);
  }
};

/** The same folder, after something was done to it while no server had it. */
const restarted = async (
  started: TestEngine,
  meanwhile: () => Promise<unknown>,
  options: TestEngineOptions = {},
) => {
  await started.stop();
  await meanwhile();
  engine = await TestEngine.start({ ...options, folder: started.folder });
  return engine;
};
const reportOf = async (started: TestEngine, name: string) => {
  const { report } = await started.disk(name);
  return started.call<{ sentence: string; rootCode: string }>("reports.show", { id: report as string });
};
const rawOf = async (started: TestEngine, name: string) => {
  const disk = await started.disk(name);
  return join(started.folder, disk.datastore, `${disk.layers[0]?.layer}.raw`);
};

test.each([
  ["layer-damaged", (raw: string) => unlink(raw)],
  ["layer-too-short", (raw: string) => truncate(raw, 512)],
  ["layer-not-found", (raw: string) => Promise.all([unlink(raw), unlink(raw.replace(".raw", ".json"))])],
  [
    "disk-layer-foreign",
    async (raw: string) => {
      const sidecar = raw.replace(".raw", ".json");
      const text = await readFile(sidecar, "utf8");
      await writeFile(sidecar, text.replace(/dsk-[a-z0-9]+/, "dsk-0000000000000000"));
    },
  ],
  ["datastore-unavailable", (raw: string) => rename(join(raw, ".."), join(raw, "..", "..", "away"))],
])(
  "a disk whose layer is no good (%s) is unavailable and says why; the server starts, other disks go on",
  async (code, spoil) => {
    const started = await begin();
    await started.create("web", "fast");
    await started.create("db", "archive");
    const raw = await rawOf(started, "web");
    const again = await restarted(started, () => spoil(raw));
    expect(await again.disk("web")).toMatchObject({ state: "unavailable", exports: [] });
    expect(await again.disk("db")).toMatchObject({ state: "available" });
    const report = await reportOf(again, "web");
    expect(report.rootCode).toBe(code);
    expect(report.sentence).toMatch(/^The disk web cannot be used now: /);
    const job = await again.ended(await again.move(["web"]));
    expect(job).toMatchObject({ state: "failed", outcome: { code } });
    expect(job.report?.sentence).toMatch(/^Moving web to archive failed/);
    if (code === "datastore-unavailable") {
      await expect(again.call("disks.remove", { name: "web" })).rejects.toMatchObject({ code });
      return;
    }
    await again.call("disks.remove", { name: "web" });
    await expect(again.disk("web")).rejects.toMatchObject({ code: "disk-not-found" });
    // What is another disk's was not ours to remove.
    expect(await again.files("fast")).toHaveLength(code === "disk-layer-foreign" ? 2 : 0);
  },
);

test("a disk in a datastore that is configured no more is unavailable and says so", async () => {
  const started = await begin();
  await started.create("web", "fast");
  const again = await restarted(started, async () => undefined, {
    sections: (folder) => ({
      datastores: { archive: { plugin: "datastore-local", root: join(folder, "archive") } },
    }),
  });
  expect(await again.disk("web")).toMatchObject({ state: "unavailable" });
  expect((await reportOf(again, "web")).rootCode).toBe("datastore-not-found");
});

test.each([{ keepSource: false }, { keepSource: true }])(
  "a catalog put back from before a move is refused and nothing is deleted ($keepSource)",
  async ({ keepSource }) => {
    const started = await begin();
    const catalog = join(started.folder, "data", "catalog.db");
    await started.create("web", "fast");
    const client = await started.connect("web");
    await client.write(0, Buffer.alloc(BLOCK, 3), { fua: true });
    const backedUp = await restarted(started, () => copyCatalog(catalog, `${catalog}.backup`));
    expect(await backedUp.ended(await backedUp.move(["web"], { keepSource }))).toMatchObject({
      state: "succeeded",
    });
    const files = [await backedUp.files("fast"), await backedUp.files("archive")];
    const again = await restarted(backedUp, async () => {
      await copyCatalog(catalog, `${catalog}.newest`);
      await copyCatalog(`${catalog}.backup`, catalog);
    });
    expect(await again.disk("web")).toMatchObject({ state: "unavailable" });
    const report = await reportOf(again, "web");
    expect(report.rootCode).toBe(keepSource ? "disk-layer-newer" : "layer-not-found");
    expect([await again.files("fast"), await again.files("archive")]).toEqual(files);
    // With the newest catalog back, everything is there.
    const mended = await restarted(again, () => copyCatalog(`${catalog}.newest`, catalog));
    const reader = await mended.connect("web");
    expect((await reader.read(0, BLOCK)).equals(Buffer.alloc(BLOCK, 3))).toBe(true);
  },
);

test("a catalog put back from the middle of a move: the target it thinks unowned is newer, and stays", async () => {
  const started = await begin();
  const catalog = join(started.folder, "data", "catalog.db");
  await started.create("web", "fast");
  const hold = started.holds.at("copying/recorded");
  const moving = await started.move(["web"]);
  await hold.reached;
  await copyCatalog(catalog, `${catalog}.backup`);
  hold.goOn();
  await started.ended(moving);
  const files = await started.files("archive");
  const again = await restarted(started, () => copyCatalog(`${catalog}.backup`, catalog));
  expect(await again.job(moving.id)).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
  expect(await again.disk("web")).toMatchObject({ state: "unavailable" });
  expect(await again.files("archive")).toEqual(files);
  // Not even when the disk is given up there: whoever finds the newest catalog finds its layer too.
  await again.call("disks.remove", { name: "web" });
  const later = await restarted(again, async () => undefined);
  expect(await later.files("archive")).toEqual(files);
});

test("a second server over the same catalog is refused; closing twice is closing once", async () => {
  const started = await begin();
  await expect(TestEngine.start({ folder: started.folder })).rejects.toMatchObject({
    code: "catalog-locked",
  });
  const { engine: inner } = started.created;
  await Promise.all([inner.close(), inner.close()]);
  await inner.close();
  await expect(inner.invoke("disks.list", {})).rejects.toMatchObject({ code: "server-stopping" });
});

test.each(["prepared/done", "copying/done", "stunned/before"])(
  "a server stopped during a move, at %s, interrupts it",
  async (point) => {
    const started = await begin();
    await started.create("web", "fast");
    const hold = started.holds.at(point);
    const moving = await started.move(["web"]);
    await hold.reached;
    const closing = started.created.engine.close();
    hold.goOn();
    await closing;
    const again = await restarted(started, async () => undefined);
    const job = await again.job(moving.id);
    expect(job).toMatchObject({ state: "failed", outcome: { code: "interrupted" } });
    expect(job.report?.sentence).toMatch(/^Moving web to archive failed because the server is stopping/);
    expect(await again.disk("web")).toMatchObject({ state: "available", datastore: "fast", epoch: 1 });
    expect(await again.files("archive")).toEqual([]);
  },
);

test("a server stopped after the commit finishes the move first", async () => {
  const started = await begin();
  await started.create("web", "fast");
  const hold = started.holds.at("switched/done");
  const moving = await started.move(["web"]);
  await hold.reached;
  const closing = started.created.engine.close();
  hold.goOn();
  await closing;
  const again = await restarted(started, async () => undefined);
  expect(await again.ended(moving)).toMatchObject({ state: "succeeded" });
  expect(await again.disk("web")).toMatchObject({ datastore: "archive", epoch: 2 });
  expect(await again.files("fast")).toEqual([]);
});

const adoption = ({ queries }: SeenCommit) => queries.some(({ sql }) => sql.startsWith('update "resource"'));
test("a target whose adoption the catalog did not take is still known as the disk's: removing the disk removes it", async () => {
  let refuse = true;
  const started = await begin({
    throughCatalog: (inner) =>
      losingCatalog(inner, (commit) => (refuse && adoption(commit) ? "refuse" : "deliver")),
  });
  await started.create("web", "fast");
  const job = await started.ended(await started.move(["web"]));
  expect(job).toMatchObject({
    state: "succeeded",
    warnings: [expect.stringContaining("is left where it is")],
  });
  refuse = false;
  const again = await restarted(started, async () => undefined);
  expect(await again.disk("web")).toMatchObject({ state: "available", datastore: "archive" });
  // The former layer went at the start, after the disk had answered at the target.
  expect(await again.files("fast")).toEqual([]);
  await again.call("disks.remove", { name: "web" });
  expect(await again.files("archive")).toEqual([]);
});

test("a former layer stays while the disk can't be opened where it has moved to", async () => {
  let refuse = true;
  const started = await begin({
    throughCatalog: (inner) =>
      losingCatalog(inner, (commit) => (refuse && adoption(commit) ? "refuse" : "deliver")),
  });
  await started.create("web", "fast");
  await started.ended(await started.move(["web"]));
  refuse = false;
  const raw = await rawOf(started, "web");
  const again = await restarted(started, () => rename(raw, `${raw}.away`));
  expect(await again.disk("web")).toMatchObject({ state: "unavailable" });
  expect(await again.files("fast")).toHaveLength(2);
  const mended = await restarted(again, () => rename(`${raw}.away`, raw));
  expect(await mended.files("fast")).toEqual([]);
});

test("removing a disk is refused while clients are attached and while it moves (M-31), and works after", async () => {
  const started = await begin();
  await started.create("web", "fast");
  const client = await started.connect("web");
  await expect(started.call("disks.remove", { name: "web" })).rejects.toMatchObject({ code: "disk-in-use" });
  await client.write(0, Buffer.alloc(BLOCK, 1), { fua: true });
  await client.disconnect();
  const hold = started.holds.at("copying/recorded");
  const moving = await started.move(["web"]);
  await hold.reached;
  await expect(started.call("disks.remove", { name: "web" })).rejects.toMatchObject({
    code: "migration-running",
  });
  await expect(started.move(["web"])).rejects.toMatchObject({ code: "migration-running" });
  hold.goOn();
  await started.ended(moving);
  await expect(started.move(["web"])).rejects.toMatchObject({ code: "migration-same-datastore" });
  await started.call("disks.remove", { name: "web" });
  expect([await started.files("fast"), await started.files("archive")]).toEqual([[], []]);
  expect(await readdir(join(started.folder, "data", "run"))).toEqual([]);
});

test("a disk named twice, by its name and its id, is refused", async () => {
  const started = await begin();
  const { id } = await started.create("web", "fast");
  await expect(started.move(["web", id])).rejects.toMatchObject({ code: "input-invalid" });
});

test("what happens to a move is told as events, and its progress ends complete", async () => {
  const started = await begin();
  await started.create("web", "fast");
  const stop = new AbortController();
  const types: string[] = [];
  const events = started.created.engine.events({}, { signal: stop.signal });
  const heard = (async () => {
    for await (const { type, job } of events) {
      if (type !== "job.progressed") types.push(type);
      if (type === "job.ended") return job;
    }
    return undefined;
  })();
  const moving = await started.move(["web"]);
  expect(await heard).toBe(moving.id);
  stop.abort();
  expect(types).toEqual([
    "job.created",
    "job.phase-changed",
    "job.phase-changed",
    "job.phase-changed",
    "disk.switched-over",
    "job.phase-changed",
    "job.ended",
  ]);
  expect(await started.job(moving.id)).toMatchObject({
    phase: "cleaned",
    progress: { percent: 100, phase: "ended" },
  });
});

test("a repeated call with the same key is the same job, also after a restart", async () => {
  const started = await begin();
  await started.create("web", "fast");
  const input = { disks: ["web"], to: "archive" };
  const once = { idempotencyKey: "move-1" };
  const first = await started.call<{ id: string }>("migrations.start", input, once);
  await started.ended(first);
  expect(await started.call("migrations.start", input, once)).toMatchObject({ id: first.id });
  const again = await restarted(started, async () => undefined);
  expect(await again.call("migrations.start", input, once)).toMatchObject({ id: first.id });
});

test("a disk that could not be made leaves its name free, and nothing once its datastore is back", async () => {
  const started = await begin();
  const root = join(started.folder, "fast");
  await rename(root, `${root}.away`);
  await expect(started.create("web", "fast")).rejects.toMatchObject({ code: "datastore-unavailable" });
  expect(await started.call("disks.list", {})).toMatchObject({ items: [] });
  await rename(`${root}.away`, root);
  expect(await started.create("web", "fast")).toMatchObject({ state: "available" });
  const again = await restarted(started, async () => undefined);
  expect(await again.files("fast")).toHaveLength(2);
});

test("a move into a missing directory fails by name, and is tried again when it is there", async () => {
  const started = await begin();
  await started.create("web", "fast");
  const root = join(started.folder, "archive");
  await rename(root, `${root}.away`);
  const job = await started.ended(await started.move(["web"]));
  expect(job).toMatchObject({ state: "failed", outcome: { code: "datastore-unavailable" } });
  expect(job.report?.sentence).toMatch(
    /^Moving web to archive failed because the datastore archive cannot be used: .*; make it reachable and writable/,
  );
  expect(await started.disk("web")).toMatchObject({ state: "available", datastore: "fast", epoch: 1 });
  await rename(`${root}.away`, root);
  expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
});

test.each([
  { act: "full", code: "no-space", told: "the datastore archive has 0 bytes free" },
  { act: "fail", code: "target-failed", told: "write of 4096 bytes at 0 failed in the layer" },
] as const)(
  "a target that is $act while it is filled: the job says $code in one sentence, nothing is left",
  async ({ act, code, told }) => {
    const conductor = new Conductor();
    const started = await rehearsedEngine(conductor);
    engine = started;
    await started.create("web", "fast");
    const client = await started.connect("web");
    await client.write(0, Buffer.alloc(BLOCK, 1), { fua: true });
    await conductor.arm({ datastore: "archive", operation: "write", skip: 0, act });
    const job = await started.ended(await started.move(["web"]));
    expect(job).toMatchObject({ state: "failed", outcome: { code } });
    expect(job.report?.sentence).toContain(`Moving web to archive failed because ${told}`);
    await client.write(0, Buffer.alloc(BLOCK, 2), { fua: true });
    expect(await started.files("archive")).toEqual([]);
    expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
  },
);

test("a disk whose store doesn't answer can't be removed, then or at a later start", async () => {
  const started = await begin();
  await started.create("web");
  const away = join(started.folder, "away");
  await rename(join(started.folder, "fast"), away);
  await expect(started.call("disks.remove", { name: "web" })).rejects.toMatchObject({
    code: "datastore-unavailable",
  });
  expect(await started.disk("web")).toMatchObject({ state: "available" });
  const again = await restarted(started, () => rename(away, join(started.folder, "fast")));
  expect(await again.disk("web")).toMatchObject({ state: "available" });
});

/** Loses the answer to the first commit that gives a disk this state. */
const losingState = (state: string) => {
  let lost = false;
  return (inner: Catalog) =>
    losingCatalog(inner, ({ queries }) => {
      const gives = queries.some(
        ({ sql, parameters }) => sql.startsWith('update "disk" set "state"') && parameters[0] === state,
      );
      if (!gives || lost) return "deliver";
      lost = true;
      return "lose";
    });
};

test("a removal whose answer was lost has not begun: what is written afterwards is there after a restart", async () => {
  const started = await begin({ throughCatalog: losingState("removing") });
  await started.create("web");
  await expect(started.call("disks.remove", { name: "web" })).rejects.toThrow("connection was lost");
  await (await started.connect("web")).write(0, Buffer.alloc(BLOCK, 5), { fua: true });
  const again = await restarted(started, async () => undefined);
  expect(await again.disk("web")).toMatchObject({ state: "available" });
  expect((await (await again.connect("web")).read(0, BLOCK)).equals(Buffer.alloc(BLOCK, 5))).toBe(true);
});

test("a disk that was made under a key is there, though the catalog's answer was lost", async () => {
  const started = await begin({ throughCatalog: losingState("available") });
  const make = () =>
    started.created.engine.invoke("disks.create", { name: "web", sizeBytes: MIB }, { idempotencyKey: "k" });
  const { output } = await make();
  expect(await make()).toMatchObject({ replayed: true, output });
  expect(await started.disk("web")).toMatchObject({ state: "available" });
});

test("a disk made under a key is not made again under it, though the server died before it answered", async () => {
  const touches = ({ queries }: SeenCommit, table: string) =>
    queries.some(({ sql }) => sql.startsWith(`update "${table}"`));
  // Only the transaction that makes the disk may keep the answer; what would come after it never does.
  const started = await begin({
    throughCatalog: (inner) =>
      losingCatalog(inner, (commit) =>
        touches(commit, "idempotency") && !touches(commit, "disk") ? "refuse" : "deliver",
      ),
  });
  const input = { name: "web", sizeBytes: MIB };
  const { id } = await started.call<{ id: string }>("disks.create", input, { idempotencyKey: "k" });
  const again = await restarted(started, async () => undefined);
  const repeated = await again.created.engine.invoke("disks.create", input, { idempotencyKey: "k" });
  expect(repeated).toMatchObject({ replayed: true, output: { id } });
});
