import { afterEach, expect, test } from "vitest";
import { Conductor } from "../../step-definitions/rehearsal/conductor.ts";
import { rehearsedEngine, untilFlushHangs } from "./testing/rehearsed.ts";
import { TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const begin = async (started: TestEngine) => {
  engine = started;
  await started.create("web");
  const client = await started.connect("web");
  await client.write(0, Buffer.alloc(BLOCK, 5), { fua: true });
  return { started, client };
};

/** The guest goes on, everything is where it was, nothing is left at the target, and a new move works. */
const untouched = async (started: TestEngine) => {
  expect(await started.disk("web")).toMatchObject({ state: "available", datastore: "fast", epoch: 1 });
  expect((await started.disk("web")).migration).toBeUndefined();
  expect(await started.files("archive")).toEqual([]);
  const client = await started.connect("web");
  await client.write(BLOCK, Buffer.alloc(BLOCK, 6), { fua: true });
  expect((await client.read(0, BLOCK)).equals(Buffer.alloc(BLOCK, 5))).toBe(true);
  expect(await started.ended(await started.move(["web"]))).toMatchObject({ state: "succeeded" });
};

const before = [
  "prepared/before",
  "prepared/recorded",
  "prepared/done",
  "copying/before",
  "copying/recorded",
  "copying/done",
  "converging/before",
  "converging/recorded",
  "converging/done",
  "stunned/before",
];
test.each(before)("a cancel at %s leaves the source untouched", async (point) => {
  const { started } = await begin(await TestEngine.start());
  const hold = started.holds.at(point);
  const moving = await started.move(["web"]);
  await hold.reached;
  await started.call("migrations.cancel", { id: moving.id });
  hold.goOn();
  const job = await started.ended(moving);
  expect(job).toMatchObject({ state: "cancelled", outcome: { code: "cancelled" }, report: null });
  await untouched(started);
});

test.each([
  "stunned/done",
  "stunned/recorded",
  "switched/ready",
  "switched/before",
  "switched/recorded",
  "switched/done",
  "cleaned/recorded",
])("a cancel at %s, with the guest held or at the target, is too late", async (point) => {
  const { started, client } = await begin(await TestEngine.start());
  const hold = started.holds.at(point);
  const moving = await started.move(["web"], { maxPauseMs: 20_000 });
  await hold.reached;
  await started.call("migrations.cancel", { id: moving.id });
  hold.goOn();
  const job = await started.ended(moving);
  expect(job).toMatchObject({
    state: "succeeded",
    outcome: { code: "cancel-too-late" },
    cancelRequested: true,
  });
  expect(await started.disk("web")).toMatchObject({ datastore: "archive", epoch: 2 });
  await client.write(BLOCK, Buffer.alloc(BLOCK, 6), { fua: true });
});

test("a cancel of a switch-over that comes to nothing takes effect when the guest is released", async () => {
  const conductor = new Conductor();
  const { started, client } = await begin(await rehearsedEngine(conductor));
  const stun = started.holds.at("stunned/before");
  const moving = await started.move(["web"], { maxPauseMs: 200 });
  await stun.reached;
  const goOn = await untilFlushHangs(conductor, stun);
  await started.call("migrations.cancel", { id: moving.id });
  // The guest goes on as soon as its budget is used up, though the target still hangs.
  await client.write(BLOCK, Buffer.alloc(BLOCK, 6), { fua: true });
  goOn();
  expect(await started.ended(moving)).toMatchObject({ state: "cancelled" });
  await untouched(started);
});

test("a job that has ended can't be cancelled", async () => {
  const { started } = await begin(await TestEngine.start());
  const moving = await started.move(["web"]);
  await started.ended(moving);
  await expect(started.call("migrations.cancel", { id: moving.id })).rejects.toMatchObject({
    code: "job-ended",
  });
});

test("a cancel while the target hangs ends within its deadline, the guest going on; what can't be removed goes at the next start", async () => {
  const conductor = new Conductor();
  const { started, client } = await begin(await rehearsedEngine(conductor));
  const write = await conductor.arm({
    datastore: "archive",
    operation: "write",
    skip: 0,
    act: "hold-before",
  });
  const moving = await started.move(["web"]);
  await conductor.reached(write);
  await started.call("migrations.cancel", { id: moving.id });
  await client.write(BLOCK, Buffer.alloc(BLOCK, 6), { fua: true });
  expect(await started.ended(moving)).toMatchObject({ state: "cancelled", outcome: { code: "cancelled" } });
  expect(await started.disk("web")).toMatchObject({ datastore: "fast", epoch: 1 });
  await client.write(2 * BLOCK, Buffer.alloc(BLOCK, 7), { fua: true });
  // The hung layer is still open: it is known, and goes when nobody has it open any more.
  expect(await started.files("archive")).toHaveLength(2);
  conductor.release();
  await started.stop();
  const restarted = await rehearsedEngine(conductor, { folder: started.folder });
  engine = restarted;
  await untouched(restarted);
});
