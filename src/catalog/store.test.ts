import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import type { Catalog } from "../contract/index.ts";
import { migrate } from "./migrate.ts";
import type { SchemaStep } from "./schema-steps.ts";
import { schemaSteps } from "./schema-steps.ts";
import { countingClock, newDisk, scratchStore, startedCatalog } from "./scratch-store.ts";
import { openStore } from "./store.ts";
import type { Tables } from "./tables.ts";

/** A database in a directory of its own, not yet a catalog. */
const scratchDatabase = async () => {
  const path = join(mkdtempSync(join(tmpdir(), "pagurus-store-")), "catalog.db");
  const db = new Kysely<Tables>({ dialect: (await startedCatalog(path)).dialect() });
  const columns = async (table: string) =>
    (await db.introspection.getTables()).find(({ name }) => name === table)?.columns.map(({ name }) => name);
  return {
    db,
    path,
    columns,
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      rmSync(dirname(path), { recursive: true });
    },
  };
};

const known = schemaSteps.length;
const later: SchemaStep = {
  version: known + 1,
  up: (schema) => schema.alterTable("disk").addColumn("colour", "text").execute(),
};
const broken: SchemaStep = {
  version: known + 2,
  up: async (schema) => {
    await schema.alterTable("disk").addColumn("half", "text").execute();
    await schema.alterTable("no_such_table").addColumn("half", "text").execute();
  },
};

test("each start is the next boot", async () => {
  await using scratch = await scratchStore();
  expect(scratch.store.boot).toBe(1);
  expect((await scratch.reopen()).boot).toBe(2);
});

test("schema versions are numbered without a gap", () => {
  expect(schemaSteps.map(({ version }) => version)).toEqual(schemaSteps.map((_, index) => index + 1));
});

// From each version there ever was, and from nothing.
test.each([0, ...schemaSteps.map(({ version }) => version)])(
  "a catalog of version %i becomes the newest, once, with what it holds",
  async (version) => {
    await using scratch = await scratchDatabase();
    const { db, columns } = scratch;
    const at = (steps: readonly SchemaStep[]) => migrate(db, { catalog: "c", steps });
    if (version > 0) {
      await at(schemaSteps.slice(0, version));
      await sql`insert into disk values ('dsk-1', 'web', 512, 512, 512, 512, 'available', 7, 'a', 'l', 1, null)`.execute(
        db,
      );
    }
    await at([...schemaSteps, later]);
    await at([...schemaSteps, later]);
    expect(await columns("disk")).toContain("colour");
    const disks = await db.selectFrom("disk").select(["name", "epoch"]).execute();
    expect(disks).toEqual(version > 0 ? [{ name: "web", epoch: 7 }] : []);
  },
);

test("a step that fails leaves the version before it", async () => {
  await using scratch = await scratchDatabase();
  const { db, columns } = scratch;
  await expect(migrate(db, { catalog: "c", steps: [...schemaSteps, later, broken] })).rejects.toThrow();
  expect(await columns("disk")).toContain("colour");
  expect(await columns("disk")).not.toContain("half");
  expect(await db.selectFrom("meta").selectAll().where("key", "=", "version").execute()).toEqual([
    { key: "version", value: String(later.version) },
  ]);
});

test("a newer catalog is refused and left as it is", async () => {
  await using scratch = await scratchDatabase();
  const { db, path } = scratch;
  await migrate(db, { catalog: "c", steps: [...schemaSteps, later] });
  await sql`pragma wal_checkpoint(truncate)`.execute(db);
  const before = readFileSync(path);
  await expect(openStore(await startedCatalog(path), { clock: countingClock() })).rejects.toMatchObject({
    code: "catalog-newer",
    data: { catalog: path, found: known + 1, known },
  });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a catalog that promises no durability is refused, and gets no tables", async () => {
  await using scratch = await scratchDatabase();
  const { db, path } = scratch;
  const durable = await startedCatalog(path);
  const volatile: Catalog = {
    id: "volatile",
    location: path,
    capabilities: {},
    dialect: () => durable.dialect(),
    lock: () => durable.lock(),
  };
  await expect(openStore(volatile, { clock: countingClock() })).rejects.toMatchObject({
    code: "capability-missing",
    data: { instance: "volatile", capability: "durable" },
  });
  expect(await db.introspection.getTables()).toEqual([]);
});

test("another program's database is refused and gets no tables of ours", async () => {
  await using scratch = await scratchDatabase();
  const { db, path } = scratch;
  await sql`create table theirs (x text)`.execute(db);
  const open = async () => openStore(await startedCatalog(path), { clock: countingClock() });
  await expect(open()).rejects.toMatchObject({ code: "catalog-damaged", data: { catalog: path } });
  expect((await db.introspection.getTables()).map(({ name }) => name)).toEqual(["theirs"]);
});

test("what can't be read is damage, and a closed store is unavailable", async () => {
  await using scratch = await scratchStore();
  const { store, path } = scratch;
  const { id } = await store.jobs.insert({ id: "job-1", function: "f", input: {}, disks: [] });
  const db = new Kysely<Tables>({ dialect: (await startedCatalog(path)).dialect() });
  await db.updateTable("job").set({ input: "{ half" }).execute();
  await db.destroy();
  await expect(store.jobs.get(id)).rejects.toMatchObject({
    code: "catalog-damaged",
    data: { catalog: path },
  });
  await store.close();
  await expect(store.disks.insert(newDisk("web"))).rejects.toMatchObject({ code: "catalog-unavailable" });
  await expect(store.disks.list()).rejects.toMatchObject({ code: "catalog-unavailable" });
});

test("writers at once don't meet inside a transaction", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const disks = Array.from({ length: 50 }, (_, n) => newDisk(`disk-${n % 25}`));
  const results = await Promise.allSettled([
    ...disks.map((disk) => store.disks.insert(disk)),
    ...disks.map(({ id }) => store.resources.record({ kind: "layer", ref: {}, disk: id })),
  ]);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(75);
  expect((await store.disks.list()).items).toHaveLength(25);
  expect(await store.resources.list()).toHaveLength(50);
});

test("whatever had resolved is there after kill -9", async () => {
  await using scratch = await scratchStore();
  await scratch.store.close();
  const child = fork(new URL("./journal-writer.ts", import.meta.url), [scratch.path], {
    execArgv: ["--import", "tsx", "--conditions=@pagurus/source"],
  });
  let resolved = 0;
  const enough = 40;
  const died = once(child, "exit");
  child.on("message", (seq: number) => {
    resolved = seq;
    if (seq === enough) child.kill("SIGKILL");
  });
  await died;
  expect(resolved).toBeGreaterThanOrEqual(enough);
  const store = await scratch.reopen();
  const entries = await store.jobs.entries("job-1");
  expect(entries.length).toBeGreaterThanOrEqual(resolved);
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
});
