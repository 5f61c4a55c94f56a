import { expect, test } from "vitest";
import { availableDisks, scratchStore } from "../../catalog/scratch-store.ts";
import { CommitTime } from "./commit-time.ts";
import { migrate } from "./migration.ts";
import { RunningMigrations } from "./running-migrations.ts";
import { testMigration } from "./testing/test-migration.ts";

/** The failure of moving two disks of 600 bytes each, and where a layer was made before it. */
const moveTo = async (availableBytes: number | undefined) => {
  await using scratch = await scratchStore();
  const { store } = scratch;
  const made: string[] = [];
  const { host, input, job } = await testMigration(store, await availableDisks(store, "web", "log"), {
    layers: {
      availableBytes: async () => availableBytes,
      allocatedBytes: async () => 600,
      async create(datastore) {
        made.push(datastore);
        throw new TypeError("far enough");
      },
    },
  });
  const running = new RunningMigrations(host);
  const run = migrate({ host, running, input, job, times: new CommitTime() });
  return { failure: await run.catch((error: unknown) => error), made };
};

test("a target without space for all disks of the job is refused before anything is made there", async () => {
  const { failure, made } = await moveTo(1199);
  expect(failure).toMatchObject({
    code: "no-space",
    data: { datastore: "archive", availableBytes: 1199, neededBytes: 1200 },
  });
  expect(made).toEqual([]);
});

test.each([1200, undefined])("one with enough, or that can't tell (%s), is tried", async (availableBytes) => {
  expect((await moveTo(availableBytes)).made).toEqual(["archive"]);
});
