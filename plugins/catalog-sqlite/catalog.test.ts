import { fork } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompiledQuery, Kysely } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteCatalog } from "./catalog.ts";

let directory: string;
let path: string;
let started: SqliteCatalog[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pagurus-catalog-"));
  path = join(directory, "catalog.db");
  started = [];
});
afterEach(() => {
  for (const catalog of started) catalog.stop();
  rmSync(directory, { recursive: true });
});

const start = async (at = path) => {
  const catalog = new SqliteCatalog("catalog", at);
  started.push(catalog);
  await catalog.start();
  return catalog;
};

/** A catalog at `path` with `rows` rows in it, closed again. */
const filled = async (rows: number) => {
  const catalog = await start();
  const db = new Kysely<{ t: { a: number; b: string } }>({ dialect: catalog.dialect() });
  await db.schema.createTable("t").addColumn("a", "bigint").addColumn("b", "text").execute();
  await db.transaction().execute(async (trx) => {
    for (let a = 0; a < rows; a += 1)
      await trx
        .insertInto("t")
        .values({ a, b: "x".repeat(200) })
        .execute();
  });
  await db.destroy();
  catalog.stop();
};

/** What starting at `at` is refused with; every file of the directory must be as it was. */
const refusal = async (at = path) => {
  const before = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]);
  const error = await start(at).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  for (const [name, bytes] of before)
    expect(readFileSync(join(directory, String(name))).equals(Buffer.from(bytes ?? "")), String(name)).toBe(
      true,
    );
  return error;
};

test("a commit is synced, foreign keys hold, and only the owner can read the files", async () => {
  const catalog = await start();
  const db = new Kysely<object>({ dialect: catalog.dialect() });
  const pragma = async (name: string) =>
    Object.values((await db.executeQuery<object>(CompiledQuery.raw(`PRAGMA ${name}`))).rows[0] ?? {})[0];
  expect(await pragma("journal_mode")).toBe("wal");
  expect(await pragma("synchronous")).toBe(2);
  expect(await pragma("foreign_keys")).toBe(1);
  await catalog.lock();
  for (const name of readdirSync(directory))
    expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
});

test.each([
  ["garbage", () => writeFileSync(path, "not a database at all ".repeat(500))],
  ["cut off", () => truncateSync(path, 20_000)],
  ["empty", () => truncateSync(path, 0)],
  ["overwritten from the start", () => writeFileSync(path, Buffer.alloc(8192, 0xa5), { flag: "r+" })],
  [
    "corrupt behind its header",
    () => {
      const bytes = readFileSync(path);
      bytes.fill(0xa5, 4096 * 3, 4096 * 5);
      writeFileSync(path, bytes);
    },
  ],
])("a damaged file (%s) is refused and left as it is", async (_, damage) => {
  await filled(1_000);
  damage();
  expect(await refusal()).toMatchObject({ code: "catalog-damaged", data: { catalog: path } });
});

test("an undamaged copy that is put back opens again", async () => {
  await filled(100);
  copyFileSync(path, join(directory, "copy"));
  truncateSync(path, 5_000);
  expect(await refusal()).toMatchObject({ code: "catalog-damaged" });
  copyFileSync(join(directory, "copy"), path);
  await start();
});

test("a directory that is missing, and a path that is no file, are refused", async () => {
  expect(await refusal(join(directory, "none", "catalog.db"))).toMatchObject({ code: "catalog-unavailable" });
  expect(await refusal(directory)).toMatchObject({ code: "catalog-unavailable" });
});

test("a creation that was cut short is done anew", async () => {
  writeFileSync(`${path}.new`, "half");
  await filled(1);
  expect(readdirSync(directory)).not.toContain("catalog.db.new");
});

test("the catalog is used before it is started", async () => {
  const catalog = new SqliteCatalog("catalog", path);
  expect(() => catalog.dialect()).toThrowError("catalog-unavailable");
  await expect(catalog.lock()).rejects.toMatchObject({ code: "catalog-unavailable" });
});

test("a second holder in this process is refused until the first lets go", async () => {
  const first = await start();
  const second = await start();
  const held = await first.lock();
  await expect(second.lock()).rejects.toMatchObject({ code: "catalog-locked", data: { catalog: path } });
  await expect(first.lock()).rejects.toMatchObject({ code: "catalog-locked" });
  await held.release();
  await held.release();
  const again = await second.lock();
  second.stop();
  await (await first.lock()).release();
  await again.release();
});

test("a transaction waits for another writer without holding up the thread, and sees what it wrote", async () => {
  const [one, two] = [await start(), await start()].map(
    (catalog) => new Kysely<{ t: { a: number } }>({ dialect: catalog.dialect() }),
  );
  if (!one || !two) throw new Error("there are two");
  await one.schema.createTable("t").addColumn("a", "bigint").execute();
  let wrote = () => {};
  const waits = new Promise<void>((resolve) => {
    wrote = resolve;
  });
  const first = one.transaction().execute(async (trx) => {
    await trx.insertInto("t").values({ a: 1 }).execute();
    await waits;
  });
  const second = two.transaction().execute(async (trx) => {
    const rows = await trx.selectFrom("t").selectAll().execute();
    await trx
      .insertInto("t")
      .values({ a: rows.length + 1 })
      .execute();
  });
  setImmediate(wrote);
  await Promise.all([first, second]);
  expect(await one.selectFrom("t").select("a").orderBy("a").execute()).toEqual([{ a: 1 }, { a: 2 }]);
});

test("a statement that another writer had refused keeps no later transaction from being committed", async () => {
  const [one, two] = [await start(), await start()].map(
    (catalog) => new Kysely<{ t: { a: number } }>({ dialect: catalog.dialect() }),
  );
  if (!one || !two) throw new Error("there are two");
  await one.schema.createTable("t").addColumn("a", "bigint").execute();
  const holds = one.transaction().execute(async (trx) => {
    await trx.insertInto("t").values({ a: 1 }).execute();
    await two.executeQuery(CompiledQuery.raw("PRAGMA busy_timeout = 0"));
    await expect(two.insertInto("t").values({ a: 2 }).execute()).rejects.toThrow("database is locked");
  });
  await holds;
  await two.transaction().execute((trx) => trx.insertInto("t").values({ a: 3 }).execute());
  expect(await one.selectFrom("t").select("a").orderBy("a").execute()).toEqual([{ a: 1 }, { a: 3 }]);
});

test("a link to the catalog has the same lock", async () => {
  await (await start()).lock();
  symlinkSync(path, join(directory, "other.db"));
  const linked = await start(join(directory, "other.db"));
  await expect(linked.lock()).rejects.toMatchObject({ code: "catalog-locked" });
});

/** A process that starts and locks the catalog at `path`, and says how that went. */
const otherProcess = async () => {
  const child = fork(new URL("./lock-holder.ts", import.meta.url), [path], {
    execArgv: ["--import", "tsx", "--conditions=@pagurus/source"],
  });
  const [said] = await once(child, "message");
  return {
    said,
    kill: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
};

test("another process is refused, and its own lock goes with it when it is killed", async () => {
  const ours = await start();
  const held = await ours.lock();
  const refused = await otherProcess();
  expect(refused.said).toBe("catalog-locked");
  await refused.kill();

  await held.release();
  const holder = await otherProcess();
  expect(holder.said).toBe("locked");
  await expect(ours.lock()).rejects.toMatchObject({ code: "catalog-locked" });
  await holder.kill();
  await ours.lock();
});
