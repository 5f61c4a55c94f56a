import { expect, test } from "vitest";
import type { Store } from "../../catalog/index.ts";
import { availableDisks, scratchStore } from "../../catalog/scratch-store.ts";
import { deferred } from "../../disks/deferred.ts";
import type { DiskHandle, MoveListener, MoveStart } from "../../disks/index.ts";
import { CommitTime } from "./commit-time.ts";
import { MigrationControl } from "./control.ts";
import type { MigrationHost } from "./host.ts";
import { MoveGroup } from "./move-group.ts";
import { testMigration } from "./testing/test-migration.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** A disk whose target never becomes equal; what it says of its guest, the test makes it say. */
const hangingDisk = () => {
  const [asked, released] = [deferred<void>(), deferred<void>()];
  let told: MoveListener | undefined;
  const handle: DiskHandle = {
    disk: "web",
    runMove(_start: MoveStart, listener: MoveListener) {
      told = listener;
      return never();
    },
    requestSwitch() {
      asked.resolve();
      return never();
    },
    async decide() {
      released.resolve();
      return { pauseMs: 0 };
    },
    ...{ adjust: never, lengthen: never, announceSize: never, confirm: never },
  };
  return {
    ...{ handle, asked: asked.promise, released: released.promise },
    stunned: () => told?.onStunned(),
  };
};

/** A switch-over under way; `journal` answers what was recorded of it so far. */
async function switchingOver(store: Store, probe: MigrationHost["probe"] = () => undefined) {
  const [id = ""] = await availableDisks(store, "web");
  const disk = hangingDisk();
  const { host, input, job, clock } = await testMigration(store, [id], { handle: () => disk.handle, probe });
  const [row] = (await store.disks.list()).items;
  if (row === undefined) throw new TypeError("the disk is not there");
  const planned = [{ row, target: { datastore: "archive", layer: "lay-1" } }];
  const control = new MigrationControl(input);
  const group = new MoveGroup({ host, job, planned, control, times: new CommitTime() });
  group.start();
  const held = group.hold();
  await disk.asked;
  return {
    ...{ disk, held },
    outOfTime: () => clock.advance(input.maxPauseMs),
    journal: async () => (await store.jobs.entries(job.id)).map(({ state }) => state),
  };
}

test("a stun that is told when its switch-over has come to nothing is not recorded", async () => {
  await using scratch = await scratchStore();
  const { disk, held, outOfTime, journal } = await switchingOver(scratch.store);
  outOfTime();
  expect(await held).toBeUndefined();
  const before = await journal();
  expect(before.at(-1)).toBe("converging");
  disk.stunned();
  await journal();
  expect(await journal()).toEqual(before);
});

test("a stun that is being recorded when its switch-over comes to nothing stands before that", async () => {
  await using scratch = await scratchStore();
  const [reached, goOn] = [deferred<void>(), deferred<void>()];
  const { disk, held, outOfTime, journal } = await switchingOver(scratch.store, (point) => {
    if (point !== "stunned/done") return;
    reached.resolve();
    return goOn.promise;
  });
  disk.stunned();
  await reached.promise;
  outOfTime();
  // The guest is not kept waiting for the catalog.
  await disk.released;
  await journal();
  await journal();
  goOn.resolve();
  expect(await held).toBeUndefined();
  await journal();
  expect((await journal()).slice(-2)).toEqual(["stunned", "converging"]);
});
