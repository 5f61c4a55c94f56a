import { expect, test } from "vitest";
import type { Report } from "../contract/index.ts";
import { newId } from "./new-id.ts";
import { scratchStore } from "./scratch-store.ts";
import { hashToken, makeToken } from "./token.ts";

test("a resource is found by what it belongs to, until it is forgotten", async () => {
  await using scratch = await scratchStore();
  const { resources } = scratch.store;
  const layer = (name: string) => ({ kind: "layer", ref: { datastore: "a", layer: name } });
  const first = await resources.record({ ...layer("one"), job: "job-1" });
  await resources.record({ ...layer("two"), job: "job-1" });
  await resources.record({ kind: "socket", ref: { path: "/s" }, disk: "dsk-1" });
  const kept = await scratch.reopen();
  const names = async (filter: Parameters<typeof kept.resources.list>[0]) =>
    (await kept.resources.list(filter)).map(({ kind, ref: { layer: name } }) => name ?? kind);
  expect(await names({ job: "job-1" })).toEqual(["one", "two"]);
  await kept.resources.adopt({ id: first }, "dsk-1");
  expect(await names({ job: "job-1" })).toEqual(["two"]);
  await kept.resources.adopt({ job: "job-1" }, "dsk-2");
  expect(await names({ job: "job-1" })).toEqual([]);
  expect(await names({ disk: "dsk-1" })).toEqual(["one", "socket"]);
  expect(await names({ disk: "dsk-1", kind: "layer" })).toEqual(["one"]);
  await kept.resources.forget(first);
  expect(await names({})).toEqual(["two", "socket"]);
});

test("a token is known by its hash and kept nowhere", async () => {
  await using scratch = await scratchStore();
  const token = makeToken();
  const row = { id: newId("tok"), name: "first", hash: hashToken(token), permissions: ["read", "write"] };
  await scratch.store.tokens.insert(row);
  const { tokens } = await scratch.reopen();
  expect(await tokens.findByHash(hashToken(token))).toMatchObject(row);
  expect(await tokens.findByHash(token)).toBeUndefined();
  expect(await tokens.findByHash(hashToken(makeToken()))).toBeUndefined();
  expect(await tokens.list()).toHaveLength(1);
  await tokens.remove(row.id);
  expect(await tokens.findByHash(row.hash)).toBeUndefined();
});

test("reports go from new to old, narrowed by job and disk", async () => {
  await using scratch = await scratchStore();
  const { reports } = scratch.store;
  const report = (disks: string[], job?: string): Report => ({
    id: newId("rep"),
    at: 5,
    task: "migrations.start",
    disks,
    sentence: "Something failed.",
    rootCode: "no-space",
    chain: { code: "no-space", data: { neededBytes: 1 }, at: 5, causes: [] },
    ...(job !== undefined && { job }),
  });
  const made = [report(["a", "b"], "job-1"), report(["a", "a"]), report(["b"], "job-1")];
  for (const each of made) await reports.insert(each);
  const kept = (await scratch.reopen()).reports;
  const [first, second, third] = made;
  expect(await kept.get(first?.id ?? "")).toEqual(first);
  expect(await kept.get("rep-none")).toBeUndefined();
  expect(await kept.list()).toEqual({ items: [third, second, first] });
  expect(await kept.list({ disk: "a" })).toEqual({ items: [second, first] });
  expect(await kept.list({ job: "job-1", disk: "a" })).toEqual({ items: [first] });
  const page = await kept.list({ limit: 2 });
  expect(page).toEqual({ items: [third, second], next: second?.id });
  expect(await kept.list({ limit: 2, after: page.next ?? "" })).toEqual({ items: [first] });
});

test("ids are fit for file names, ordered by time, and never the same", () => {
  const ids = Array.from({ length: 5_000 }, () => newId("lay"));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^lay-[a-z0-9]{18}$/);
  const times = ids.map((id) => id.slice(0, 14));
  expect(times).toEqual(times.toSorted());
});
