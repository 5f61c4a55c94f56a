import { expect, test } from "vitest";
import { newId } from "./new-id.ts";
import { availableDisks, newDisk, runningJob, scratchStore } from "./scratch-store.ts";

test("a disk comes back as it was made, also by its name and after a restart", async () => {
  await using scratch = await scratchStore();
  const disk = newDisk("web");
  const made = await scratch.store.disks.insert(disk);
  expect(made).toEqual({ ...disk, state: "creating", epoch: 1, createdAt: made.createdAt, job: null });
  const store = await scratch.reopen();
  expect(await store.disks.get(disk.id)).toEqual(made);
  expect(await store.disks.find("web")).toEqual(made);
  expect(await store.disks.find(disk.id)).toEqual(made);
  expect(await store.disks.find("other")).toBeUndefined();
});

test("a name is taken until its disk is forgotten, also by two that ask at once", async () => {
  await using scratch = await scratchStore();
  const { disks } = scratch.store;
  const both = await Promise.allSettled([disks.insert(newDisk("web")), disks.insert(newDisk("web"))]);
  expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  await expect(disks.insert(newDisk("web"))).rejects.toMatchObject({
    code: "disk-exists",
    data: { disk: "web" },
  });
  const { id = "" } = (await disks.find("web")) ?? {};
  await expect(disks.insert(newDisk(id))).rejects.toMatchObject({ code: "disk-exists" });
  await disks.forget(id);
  await disks.insert(newDisk("web"));
});

test("pages follow each other by name and miss nothing when disks come and go", async () => {
  await using scratch = await scratchStore();
  const { disks } = scratch.store;
  for (const name of ["d", "b", "e", "a", "c"]) await disks.insert(newDisk(name));
  const names = (items: readonly { name: string }[]) => items.map(({ name }) => name).join("");
  const first = await disks.list({ limit: 2 });
  expect(names(first.items)).toBe("ab");
  await disks.forget(first.items[1]?.id ?? "");
  await disks.insert(newDisk("aa"));
  const second = await disks.list({ limit: 2, after: first.next ?? "" });
  expect(names(second.items)).toBe("cd");
  const last = await disks.list({ limit: 2, after: second.next ?? "" });
  expect([names(last.items), last.next]).toEqual(["e", undefined]);
  const whole = await disks.list();
  expect([whole.items.length, whole.next]).toEqual([5, undefined]);
  expect((await disks.list({ limit: 5 })).next).toBeUndefined();
});

test("a disk that a job holds has its size changed only by what had begun before", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const [web = ""] = await availableDisks(store, "web");
  const { sizeBytes = 0 } = (await store.disks.get(web)) ?? {};
  await store.disks.claim([web], await runningJob(store));
  await expect(store.disks.resize(web, 2 * sizeBytes)).rejects.toMatchObject({ code: "migration-running" });
  await store.disks.resize(web, sizeBytes / 2, { begun: true });
  expect(await store.disks.get(web)).toMatchObject({ sizeBytes: sizeBytes / 2 });
});

test("a job gets all of its disks or none", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const [one = "", two = "", three = ""] = await availableDisks(store, "one", "two", "three");
  const first = await runningJob(store);
  const second = await runningJob(store);
  await store.disks.claim([two], first);
  await expect(store.disks.claim([one, two], second)).rejects.toMatchObject({
    code: "migration-running",
    data: { disk: "two", job: first },
  });
  await expect(store.disks.claim([one, newId("dsk")], second)).rejects.toMatchObject({
    code: "disk-not-found",
  });
  const { id: unready } = await store.disks.insert(newDisk("unready"));
  await expect(store.disks.claim([one, unready], second)).rejects.toMatchObject({ code: "disk-in-use" });
  await expect(store.disks.claim([one], newId("job"))).rejects.toMatchObject({ code: "job-not-found" });
  expect((await store.disks.get(one))?.job).toBeNull();

  await store.disks.claim([one, three], second);
  await store.disks.release(first);
  expect((await store.disks.list()).items.map(({ name, job }) => [name, job])).toEqual([
    ["one", second],
    ["three", second],
    ["two", null],
    ["unready", null],
  ]);
});

test("a disk that a job holds is not removed under it", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const [web = ""] = await availableDisks(store, "web");
  const job = await runningJob(store);
  await store.disks.claim([web], job);
  await expect(store.disks.setState(web, "removing")).rejects.toMatchObject({
    code: "migration-running",
    data: { disk: "web", job },
  });
  await store.jobs.end(job, { state: "succeeded" });
  await store.disks.setState(web, "removing");
  const next = await runningJob(store);
  await expect(store.disks.claim([web], next)).rejects.toMatchObject({ code: "disk-in-use" });
  await expect(store.disks.setState(newId("dsk"), "removing")).rejects.toMatchObject({
    code: "disk-not-found",
  });
});
