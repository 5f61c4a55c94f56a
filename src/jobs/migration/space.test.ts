import { expect, test } from "vitest";
import type { JobContext } from "../../contract/index.ts";
import { CommitTime } from "./commit-time.ts";
import type { MigrationHost } from "./host.ts";
import { MigrationInput } from "./input.ts";
import { migrate } from "./migration.ts";
import { RunningMigrations } from "./running-migrations.ts";

/** Just what a migration asks before it makes anything; anything else it might call is not there. */
const moveWith = (availableBytes: number | undefined) => {
  const done: string[] = [];
  const layers = { availableBytes: async () => availableBytes, allocatedBytes: async () => 600 };
  const disks = { get: async (id: string) => ({ id, layer: { datastore: "fast", layer: id } }) };
  const store = { disks, jobs: { get: async () => undefined } };
  const host = { layers, store, opened: async () => undefined, reachable: async () => undefined };
  const step = async (name: string) => {
    done.push(name);
    throw new Error("far enough");
  };
  const run = migrate({
    host: host as unknown as MigrationHost,
    running: new RunningMigrations(host as unknown as MigrationHost),
    job: { disks: ["a", "b"], signal: new AbortController().signal, step } as unknown as JobContext,
    input: MigrationInput.parse({ disks: ["a", "b"], to: "archive" }),
    times: new CommitTime(),
  });
  return { run, done };
};

test("a target without space for all disks of the job is refused before anything is made there", async () => {
  const { run, done } = moveWith(1199);
  await expect(run).rejects.toMatchObject({
    code: "no-space",
    data: { datastore: "archive", availableBytes: 1199, neededBytes: 1200 },
  });
  expect(done).toEqual([]);
});

test.each([1200, undefined])("one with enough, or that can't tell (%s), is tried", async (availableBytes) => {
  const { run, done } = moveWith(availableBytes);
  await expect(run).rejects.toThrow("far enough");
  expect(done).toEqual(["prepared"]);
});
