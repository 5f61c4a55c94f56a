import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { NbdClient } from "../testing/index.ts";
import { KillableEngine } from "./testing/killable-engine.ts";
import { type DiskView, type JobView, MIB } from "./testing/test-engine.ts";

const GIVEN = { maxPauseMs: 300, guestImpact: 30, maxBytesPerSecond: 4096 };
const CHANGES = { maxPauseMs: 900, guestImpact: 60, maxBytesPerSecond: null };
const { maxBytesPerSecond: _, ...ADJUSTED } = CHANGES;

let server: KillableEngine;
beforeAll(async () => {
  server = await KillableEngine.start();
}, 60_000);
afterAll(() => server.end());
// A test that failed leaves its disk.
afterEach(() => server.call("disks.remove", { name: "web" }).catch(() => undefined));
beforeEach(async () => {
  await server.call("disks.create", { name: "web", sizeBytes: MIB, datastore: "fast" });
  const client = await NbdClient.connect((await shown()).exports[0]?.uri as string);
  await client.write(0, Buffer.alloc(MIB, 7), { fua: true });
  await client.disconnect();
});

const shown = () => server.call<DiskView>("disks.show", { name: "web" });
/** Under way; it would take minutes. */
const move = async () => {
  const job = await server.call<JobView>("migrations.start", { disks: ["web"], to: "archive", ...GIVEN });
  return server.until(job.id, ({ progress }) => progress?.["phase"] === "copying");
};
const adjust = ({ id }: JobView) => server.call("migrations.adjust", { id, ...CHANGES });
/** Its content is whole, and with it goes everything there is. */
const endsClean = async (): Promise<void> => {
  const client = await NbdClient.connect((await shown()).exports[0]?.uri as string);
  expect([...new Set(await client.read(0, MIB))]).toEqual([7]);
  await client.disconnect();
  await server.call("disks.remove", { name: "web" });
  for (const store of ["fast", "archive"]) expect(await server.files(store)).toEqual([]);
};
/** The job is whole and has ended; the disk is where it was. */
const rolledBack = async (id: string, input: object): Promise<JobView> => {
  const ended = await server.ended(id);
  expect(ended).toMatchObject({ state: "failed", outcome: { code: "interrupted" }, input });
  expect(await shown()).toMatchObject({ state: "available", datastore: "fast", epoch: 1 });
  expect(await server.files("archive")).toEqual([]);
  await endsClean();
  return ended;
};

test.each([
  ["adjusted/before", GIVEN],
  ["adjusted/recorded", ADJUSTED],
  ["adjusted/done", ADJUSTED],
  ["answered", ADJUSTED],
])(
  "killed at %s, a job has all its budgets or all its new ones, and is rolled back",
  async (point, input) => {
    const job = await move();
    await server.killedAt(point, () => adjust(job));
    const ended = await rolledBack(job.id, input);
    expect("maxBytesPerSecond" in ended.input).toBe("maxBytesPerSecond" in input);
  },
  60_000,
);

test("a job that was adjusted and killed after its commit goes forward, and tells what it went by", async () => {
  const job = await move();
  await server.killedAt("switched/recorded", () => adjust(job));
  expect(await server.ended(job.id)).toMatchObject({
    ...{ state: "succeeded", outcome: { code: "ok" }, input: ADJUSTED, maxPauseMs: CHANGES.maxPauseMs },
  });
  expect(await shown()).toMatchObject({ state: "available", datastore: "archive", epoch: 2 });
  await endsClean();
}, 60_000);

test.each(["ready/before", "ready/recorded", "ready/done"])(
  "killed at %s, a job that waits for its operator is rolled back",
  async (point) => {
    const input = { disks: ["web"], to: "archive", switchOver: "manual" };
    let id = "";
    await server.killedAt(point, async () => {
      ({ id } = await server.call<JobView>("migrations.start", input));
    });
    await rolledBack(id, { switchOver: "manual" });
  },
  60_000,
);
