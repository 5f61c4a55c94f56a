import { expect, test } from "vitest";
import { newId } from "./new-id.ts";
import { availableDisks, runningJob, scratchStore } from "./scratch-store.ts";

test("a job is followed from its making to its end", async () => {
  await using scratch = await scratchStore();
  const { jobs } = scratch.store;
  const job = { id: newId("job"), function: "migrations.start", input: { to: "b" }, disks: ["y", "x", "y"] };
  const made = await jobs.insert(job);
  expect(made).toMatchObject({ ...job, state: "queued", phase: "", startedAt: null, cancelRequested: false });
  await jobs.start(job.id);
  const { startedAt } = (await jobs.get(job.id)) ?? {};
  await jobs.start(job.id);
  await jobs.requestCancel(job.id);
  expect(await jobs.get(job.id)).toMatchObject({ state: "running", startedAt, cancelRequested: true });
  const end = { outcome: { code: "cancelled" }, result: { n: 1 }, progress: { percent: 7 }, report: "rep-1" };
  await jobs.end(job.id, { state: "cancelled", ...end });
  const ended = await (await scratch.reopen()).jobs.get(job.id);
  expect(ended).toMatchObject({ ...job, ...end, state: "cancelled" });
  expect(ended?.endedAt).toBeGreaterThan(startedAt ?? Number.NaN);
});

test("what a job was asked for can be changed until it has ended", async () => {
  await using scratch = await scratchStore();
  const { jobs } = scratch.store;
  const job = await runningJob(scratch.store);
  const { input } = (await jobs.get(job)) ?? {};
  await Promise.all([
    jobs.amend(job, (row) => ({ ...row.input, one: 1 })),
    jobs.amend(job, (row) => ({ ...row.input, other: 2 })),
  ]);
  const reopened = (await scratch.reopen()).jobs;
  expect((await reopened.get(job))?.input).toEqual({ ...input, one: 1, other: 2 });
  await reopened.end(job, { state: "succeeded" });
  await expect(reopened.amend(job, () => ({}))).rejects.toMatchObject({ code: "job-ended" });
  await expect(reopened.amend(newId("job"), () => ({}))).rejects.toMatchObject({ code: "job-not-found" });
});

test("the journal keeps every entry in its order, also of two that are made at once", async () => {
  await using scratch = await scratchStore();
  const { jobs } = scratch.store;
  const [job, other] = [await runningJob(scratch.store), await runningJob(scratch.store)];
  await jobs.journal(job, "planned");
  await Promise.all(
    ["prepared", "copying", "converging"].map((state) => jobs.journal(job, state, { state })),
  );
  await jobs.journal(other, "planned");
  const store = await scratch.reopen();
  expect((await store.jobs.entries(job)).map(({ seq, state, data }) => [seq, state, data])).toEqual([
    [1, "planned", null],
    [2, "prepared", { state: "prepared" }],
    [3, "copying", { state: "copying" }],
    [4, "converging", { state: "converging" }],
  ]);
  expect(await store.jobs.get(job)).toMatchObject({ phase: "converging" });
  expect(await store.jobs.entries(other)).toHaveLength(1);
});

test("an ended job stays as it ended and lets go of its disks", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const [web = ""] = await availableDisks(store, "web");
  const { id } = await store.jobs.insert(
    { id: newId("job"), function: "migrations.start", input: {}, disks: [web] },
    { claim: true },
  );
  expect((await store.disks.get(web))?.job).toBe(id);
  await store.jobs.end(id, { state: "failed", outcome: { code: "interrupted" } });
  expect((await store.disks.get(web))?.job).toBeNull();
  const { endedAt } = (await store.jobs.get(id)) ?? {};
  await store.jobs.end(id, { state: "failed", outcome: { code: "other" } });
  expect(await store.jobs.get(id)).toMatchObject({ outcome: { code: "interrupted" }, endedAt });

  const ended = { code: "job-ended", data: { job: id, state: "failed" } };
  await expect(store.jobs.end(id, { state: "succeeded" })).rejects.toMatchObject(ended);
  await expect(store.jobs.journal(id, "copying")).rejects.toMatchObject(ended);
  await expect(store.jobs.requestCancel(id)).rejects.toMatchObject(ended);
  await expect(store.jobs.start(id)).rejects.toMatchObject(ended);
  await expect(store.jobs.journal(newId("job"), "planned")).rejects.toMatchObject({ code: "job-not-found" });
});

test("a job that can't have its disks is not made", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const [web = ""] = await availableDisks(store, "web");
  const move = () => ({ id: newId("job"), function: "migrations.start", input: {}, disks: [web] });
  await store.jobs.insert(move(), { claim: true });
  const second = move();
  await expect(store.jobs.insert(second, { claim: true })).rejects.toMatchObject({
    code: "migration-running",
  });
  expect(await store.jobs.get(second.id)).toBeUndefined();
});

test("pages of jobs go from new to old, narrowed by function, disk and state", async () => {
  await using scratch = await scratchStore();
  const { jobs } = scratch.store;
  const made: string[] = [];
  for (const [name, disk] of [
    ["move", "a"],
    ["move", "b"],
    ["check", "a"],
    ["move", "a"],
  ] as const)
    made.push((await jobs.insert({ id: newId("job"), function: name, input: {}, disks: [disk] })).id);
  const [j0, j1, j2, j3] = made;
  const ids = async (options: Parameters<typeof jobs.list>[0]) =>
    (await jobs.list(options)).items.map(({ id }) => id);
  expect(await ids({})).toEqual([j3, j2, j1, j0]);
  expect(await ids({ disk: "a" })).toEqual([j3, j2, j0]);
  expect(await ids({ disk: "a", function: "move" })).toEqual([j3, j0]);
  const first = await jobs.list({ limit: 2 });
  await jobs.insert({ id: newId("job"), function: "move", input: {}, disks: [] });
  const second = await jobs.list({ limit: 2, after: first.next ?? "" });
  expect(second.items.map(({ id }) => id)).toEqual([j1, j0]);
  expect(second.next).toBeUndefined();

  await jobs.start(j1 ?? "");
  await jobs.end(j0 ?? "", { state: "succeeded" });
  expect(await ids({ state: "running" })).toEqual([j1]);
  expect((await jobs.unended()).map(({ id }) => id).slice(0, 3)).toEqual([j1, j2, j3]);
});

test("the first answer of a step stays", async () => {
  await using scratch = await scratchStore();
  const { jobs } = scratch.store;
  const job = await runningJob(scratch.store);
  await jobs.stepDone(job, "z", null);
  await jobs.stepDone(job, "a", { layer: "lay-1" });
  await jobs.stepDone(job, "z", "again");
  expect(await (await scratch.reopen()).jobs.steps(job)).toEqual([
    { name: "z", answer: null },
    { name: "a", answer: { layer: "lay-1" } },
  ]);
});
