import { expect, test } from "vitest";
import { type CommitFate, losingCatalog } from "../testing/losing-catalog.ts";
import { newId } from "./new-id.ts";
import { newDisk, scratchStore } from "./scratch-store.ts";

const call = (over: object = {}) => ({
  key: "k",
  token: "tok-1",
  function: "disks.create",
  inputHash: "h",
  at: 10,
  ...over,
});

test("a repeated call is told what became of the first", async () => {
  await using scratch = await scratchStore();
  const { idempotency } = scratch.store;
  const both = await Promise.all([idempotency.begin(call()), idempotency.begin(call())]);
  expect(both).toEqual([{ state: "new" }, { state: "running" }]);
  expect(await idempotency.begin(call({ inputHash: "other" }))).toEqual({ state: "conflict" });
  expect(await idempotency.begin(call({ function: "other" }))).toEqual({ state: "conflict" });
  await idempotency.finish("k", "tok-1", { id: "dsk-1" });
  expect(await idempotency.begin(call())).toEqual({ state: "done", answer: { id: "dsk-1" } });
  expect(await idempotency.begin(call({ inputHash: "other" }))).toEqual({ state: "conflict" });
});

test("keys of different callers never meet", async () => {
  await using scratch = await scratchStore();
  const { idempotency } = scratch.store;
  for (const token of ["tok-1", "tok-2", null])
    expect(await idempotency.begin(call({ token }))).toEqual({ state: "new" });
  await idempotency.finish("k", null, 1);
  expect(await idempotency.begin(call())).toEqual({ state: "running" });
});

test("the key of a call that failed is free, that of one that succeeded is not", async () => {
  await using scratch = await scratchStore();
  const { idempotency } = scratch.store;
  await idempotency.begin(call());
  await idempotency.drop("k", "tok-1");
  expect(await idempotency.begin(call({ inputHash: "other" }))).toEqual({ state: "new" });
  await idempotency.finish("k", "tok-1", null);
  await idempotency.drop("k", "tok-1");
  expect(await idempotency.begin(call({ inputHash: "other" }))).toEqual({ state: "done", answer: null });
});

test("after a crash an unanswered call may be made again, but what it made is not made twice", async () => {
  await using scratch = await scratchStore();
  let { store } = scratch;
  for (const key of ["nothing", "job", "disk"]) await store.idempotency.begin(call({ key }));
  const job = { id: newId("job"), function: "migrations.start", input: {}, disks: [] };
  const answer = (key: string) => ({ idempotency: { key, token: "tok-1", answer: key } });
  await store.jobs.insert(job, answer("job"));
  const { id } = await store.disks.insert(newDisk("web"));
  await store.disks.setState(id, "available", answer("disk"));

  store = await scratch.reopen();
  expect(await store.idempotency.begin(call({ key: "nothing", inputHash: "other" }))).toEqual({
    state: "conflict",
  });
  expect(await store.idempotency.begin(call({ key: "nothing" }))).toEqual({ state: "new" });
  expect(await store.idempotency.begin(call({ key: "nothing" }))).toEqual({ state: "running" });
  expect(await store.idempotency.begin(call({ key: "job" }))).toEqual({ state: "done", answer: "job" });
  expect(await store.idempotency.begin(call({ key: "disk" }))).toEqual({ state: "done", answer: "disk" });
});

test("a job and the answer of its key are written together or not at all", async () => {
  let next: CommitFate = "deliver";
  await using scratch = await scratchStore((catalog) => losingCatalog(catalog, () => next));
  let { store } = scratch;
  await store.idempotency.begin(call());
  const job = { id: newId("job"), function: "migrations.start", input: {}, disks: [] };
  const idempotency = { key: "k", token: "tok-1", answer: job.id };
  next = "refuse";
  await expect(store.jobs.insert(job, { idempotency })).rejects.toMatchObject({
    code: "catalog-unavailable",
  });
  next = "deliver";
  store = await scratch.reopen();
  expect(await store.jobs.get(job.id)).toBeUndefined();
  expect(await store.idempotency.begin(call())).toEqual({ state: "new" });
  next = "lose";
  await expect(store.jobs.insert(job, { idempotency })).rejects.toMatchObject({
    code: "catalog-unavailable",
  });
  next = "deliver";
  store = await scratch.reopen();
  expect(await store.jobs.get(job.id)).toMatchObject({ id: job.id });
  expect(await store.idempotency.begin(call())).toEqual({ state: "done", answer: job.id });

  const unbegun = { ...job, id: newId("job") };
  const stray = { ...idempotency, key: "never begun" };
  await expect(store.jobs.insert(unbegun, { idempotency: stray })).rejects.toMatchObject({
    code: "internal",
  });
  expect(await store.jobs.get(unbegun.id)).toBeUndefined();
});

test("old keys are forgotten, except those of calls under way", async () => {
  await using scratch = await scratchStore();
  await scratch.store.idempotency.begin(call({ key: "earlier run" }));
  const { idempotency } = await scratch.reopen();
  for (const key of ["under way", "answered", "new"]) await idempotency.begin(call({ key }));
  await idempotency.finish("answered", "tok-1", 1);
  await idempotency.begin(call({ key: "recent", at: 20 }));
  await idempotency.finish("recent", "tok-1", 1);
  await idempotency.prune(20);
  const state = async (key: string) => (await idempotency.begin(call({ key, inputHash: "other" }))).state;
  expect(await Promise.all(["earlier run", "answered", "under way", "recent"].map(state))).toEqual([
    "new",
    "new",
    "conflict",
    "conflict",
  ]);
});
