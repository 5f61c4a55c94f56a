import fc from "fast-check";
import { expect, test } from "vitest";
import { type CommitFate, losingCatalog } from "../testing/losing-catalog.ts";
import { newId } from "./new-id.ts";
import { availableDisks, runningJob, scratchStore } from "./scratch-store.ts";
import type { Store } from "./store.ts";

const layer = (name: string) => ({ datastore: "b", layer: name });

/** Two disks that a job is about to switch together. */
const ready = async (store: Store) => {
  const [one = "", two = ""] = await availableDisks(store, "one", "two");
  const job = await runningJob(store, [one, two]);
  const moves = [
    { disk: one, expectedEpoch: 1, layer: layer("one-moved") },
    { disk: two, expectedEpoch: 1, layer: layer("two-moved") },
  ];
  return { one, two, job, moves };
};

const owners = async (store: Store) =>
  (await store.disks.list()).items.map(({ name, epoch, layer: { datastore } }) => [name, epoch, datastore]);

const states = async (store: Store, job: string) => (await store.jobs.entries(job)).map(({ state }) => state);

test("a switch-over moves all disks and journals it in the same transaction", async () => {
  await using scratch = await scratchStore();
  const { job, moves } = await ready(scratch.store);
  await scratch.store.ownerRecord.commitSwitchOver({ job, moves, record: { pauseMs: 3 } });

  const store = await scratch.reopen();
  expect(await owners(store)).toEqual([
    ["one", 2, "b"],
    ["two", 2, "b"],
  ]);
  expect(await store.jobs.entries(job)).toMatchObject([{ seq: 1, state: "switched", data: { pauseMs: 3 } }]);
  expect(await store.jobs.get(job)).toMatchObject({ phase: "switched" });
  expect(await store.ownerRecord.abandonSwitchOver({ job, moves })).toBe("switched");
  expect(await owners(store)).toEqual([
    ["one", 2, "b"],
    ["two", 2, "b"],
  ]);
});

test("where one disk's epoch has moved on, none is switched", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const { two, job, moves } = await ready(store);
  await store.ownerRecord.abandonSwitchOver({ job, moves: [{ disk: two, expectedEpoch: 1 }] });
  await expect(store.ownerRecord.commitSwitchOver({ job, moves, record: {} })).rejects.toMatchObject({
    code: "commit-refused",
    data: { disk: "two", epoch: 1 },
  });
  expect(await owners(store)).toEqual([
    ["one", 1, "a"],
    ["two", 2, "a"],
  ]);
  expect(await states(store, job)).toEqual(["abandoned"]);
});

test("an ended job commits nothing any more", async () => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const { job, moves } = await ready(store);
  await store.jobs.end(job, { state: "failed", outcome: { code: "interrupted" } });
  await expect(store.ownerRecord.commitSwitchOver({ job, moves, record: {} })).rejects.toMatchObject({
    code: "job-ended",
  });
  await expect(
    store.ownerRecord.commitSwitchOver({ job: newId("job"), moves, record: {} }),
  ).rejects.toMatchObject({ code: "job-not-found" });
  expect(await owners(store)).toEqual([
    ["one", 1, "a"],
    ["two", 1, "a"],
  ]);
});

test.each<[CommitFate, "switched" | "abandoned", (string | number)[]]>([
  ["lose", "switched", ["one", 2, "b"]],
  ["refuse", "abandoned", ["one", 2, "a"]],
])("a commit with an unknown outcome (%s) is settled as %s", async (fate, settled, owner) => {
  let next: CommitFate = "deliver";
  await using scratch = await scratchStore((catalog) => losingCatalog(catalog, () => next));
  const { store } = scratch;
  const { job, moves } = await ready(store);
  next = fate;
  await expect(store.ownerRecord.commitSwitchOver({ job, moves, record: {} })).rejects.toMatchObject({
    code: "catalog-unavailable",
  });
  // The answer of the settlement itself may be lost too, and then it is repeated.
  for (const again of ["refuse", "lose"] as const) {
    next = again;
    await expect(store.ownerRecord.abandonSwitchOver({ job, moves })).rejects.toMatchObject({
      code: "catalog-unavailable",
    });
  }
  next = "deliver";
  expect(await store.ownerRecord.abandonSwitchOver({ job, moves })).toBe(settled);
  expect((await owners(store))[0]).toEqual(owner);
  expect(await states(store, job)).toEqual([settled]);
  if (settled === "abandoned")
    await expect(store.ownerRecord.commitSwitchOver({ job, moves, record: {} })).rejects.toMatchObject({
      code: "commit-refused",
    });
});

test("commits and abandonments in any order, at once and with lost answers, leave one owner that all agree on", async () => {
  const attempt = fc.record({
    job: fc.nat({ max: 2 }),
    abandon: fc.boolean(),
    both: fc.boolean(),
    stale: fc.nat({ max: 1 }),
    fate: fc.constantFrom<CommitFate>("deliver", "deliver", "refuse", "lose"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(attempt, { maxLength: 4 }), { maxLength: 6 }), async (waves) => {
      const fates: CommitFate[] = [];
      await using scratch = await scratchStore((catalog) =>
        losingCatalog(catalog, () => fates.shift() ?? "deliver"),
      );
      const { store } = scratch;
      const [one = "", two = ""] = await availableDisks(store, "one", "two");
      const jobs = [await runningJob(store), await runningJob(store), await runningJob(store)];
      for (const wave of waves) {
        const { items: before } = await store.disks.list();
        const expected = before.map(({ id, epoch }) => ({ disk: id, expectedEpoch: epoch }));
        fates.push(...wave.map(({ fate }) => fate));
        await Promise.allSettled(
          wave.map(async ({ job, abandon, both, stale }) => {
            const name = jobs[job] ?? "";
            const moves = expected
              .filter(({ disk }) => both || disk === one)
              .map((move) => ({
                ...move,
                expectedEpoch: move.expectedEpoch - stale,
                layer: layer(newId("lay")),
              }));
            if (abandon) return store.ownerRecord.abandonSwitchOver({ job: name, moves });
            const record = Object.fromEntries(moves.map((move) => [move.disk, move.layer.layer]));
            return store.ownerRecord.commitSwitchOver({ job: name, moves, record });
          }),
        );
        fates.length = 0;
        const { items: after } = await store.disks.list();
        for (const [index, disk] of after.entries()) {
          const was = before[index];
          expect(disk.epoch).toBeGreaterThanOrEqual(was?.epoch ?? 1);
          expect(disk.epoch - (was?.epoch ?? 1)).toBeLessThanOrEqual(1);
          if (disk.epoch === was?.epoch) expect(disk.layer).toEqual(was.layer);
        }
      }
      // Each epoch of a disk is one entry of one journal, and its owner is the one that the last switch named.
      for (const disk of [one, two]) {
        const row = await store.disks.get(disk);
        const entries = (await Promise.all(jobs.map((job) => store.jobs.entries(job)))).flat();
        const changes = entries.filter(({ state, data }) =>
          state === "switched" ? data?.[disk] !== undefined : JSON.stringify(data).includes(disk),
        );
        expect(changes).toHaveLength((row?.epoch ?? 0) - 1);
        const named = entries.filter(({ state }) => state === "switched").map(({ data }) => data?.[disk]);
        if (row?.layer.datastore === "b") expect(named).toContain(row.layer.layer);
        else expect(named.filter((name) => name !== undefined)).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});
