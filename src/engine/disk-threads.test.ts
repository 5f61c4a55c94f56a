import { afterEach, expect, test } from "vitest";
import { Conductor } from "../../step-definitions/rehearsal/conductor.ts";
import type { NbdClient } from "../testing/index.ts";
import { rehearsedEngine } from "./testing/rehearsed.ts";
import { MIB, TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const begin = async (diskThreads: number) => {
  engine = await TestEngine.start({ diskThreads });
  return engine;
};
const numbered = (n: number) => {
  const block = Buffer.alloc(BLOCK);
  block.writeUInt32LE(n);
  return block;
};
const numberIn = async (client: NbdClient) => (await client.read(0, BLOCK)).readUInt32LE();

/** Writes n to the first disk, then to the second, for ever: what the second holds, the first holds too. */
const writeBoth = (first: NbdClient, second: NbdClient) => {
  const writing = { n: 0, stopped: false, done: Promise.resolve() };
  const run = async () => {
    while (!writing.stopped) {
      const n = writing.n + 1;
      await first.write(0, numbered(n), { fua: true });
      await second.write(0, numbered(n), { fua: true });
      writing.n = n;
    }
  };
  writing.done = run();
  return writing;
};

test("two disks in two threads, written one after the other, move together and stay in step", async () => {
  const started = await begin(2);
  for (const name of ["log", "data"]) await started.create(name, "fast", 8 * MIB);
  const log = await started.connect("log");
  const data = await started.connect("data");
  const writing = writeBoth(log, data);
  const job = await started.ended(await started.move(["log", "data"]));
  expect(job).toMatchObject({ state: "succeeded", warnings: [], progress: { percent: 100 } });
  const before = writing.n;
  await data.write(BLOCK, numbered(1), { fua: true });
  writing.stopped = true;
  await writing.done;
  expect(writing.n).toBeGreaterThanOrEqual(before);
  expect([await numberIn(log), await numberIn(data)]).toEqual([writing.n, writing.n]);
  expect([await started.disk("log"), await started.disk("data")]).toMatchObject([
    { datastore: "archive", epoch: 2 },
    { datastore: "archive", epoch: 2 },
  ]);
  expect(await started.files("fast")).toEqual([]);
});

test.each([0, 1])(
  "thread %i dies between the commit and the swaps: both disks go on at the target",
  async (thread) => {
    const started = await begin(2);
    for (const name of ["log", "data"]) await started.create(name);
    const log = await started.connect("log");
    await log.write(0, numbered(7), { fua: true });
    const committed = started.holds.at("switched/recorded");
    const moving = await started.move(["log", "data"], { maxPauseMs: 5000 });
    await committed.reached;
    await started.created.killDiskThread(thread);
    committed.goOn();
    expect(await started.ended(moving)).toMatchObject({ state: "succeeded", warnings: [] });
    for (const name of ["log", "data"]) {
      expect(await started.disk(name)).toMatchObject({ state: "available", datastore: "archive", epoch: 2 });
      const client = await started.connect(name);
      await client.write(BLOCK, numbered(8), { fua: true });
    }
    expect(await numberIn(await started.connect("log"))).toBe(7);
    expect(await started.files("fast")).toEqual([]);
    expect(await started.files("archive")).toHaveLength(4);
  },
);

test("one of two disks misses the budget: both go on at their sources, in step, and the next attempt moves both", async () => {
  const conductor = new Conductor();
  const started = await rehearsedEngine(conductor, { diskThreads: 2 });
  engine = started;
  await started.create("log", "fast", 4 * MIB);
  await started.create("data", "fast", 8 * MIB);
  const log = await started.connect("log");
  const data = await started.connect("data");
  const before = started.holds.at("stunned/before");
  const moving = await started.move(["log", "data"], { maxPauseMs: 400 });
  await before.reached;
  // The target of the larger disk doesn't become durable while the guests are held.
  const flush = await conductor.arm({
    ...{ datastore: "archive", operation: "flush", act: "hold-before" },
    ...{ at: 6 * MIB, skip: 0 },
  });
  const again = started.holds.at("stunned/before");
  before.goOn();
  await conductor.reached(flush);
  const writing = writeBoth(log, data);
  // Answered when the guests have been let go, though the target still hangs.
  await log.write(BLOCK, numbered(1), { fua: true });
  await data.write(BLOCK, numbered(1), { fua: true });
  for (const name of ["log", "data"])
    expect(await started.disk(name)).toMatchObject({ datastore: "fast", epoch: 1 });
  conductor.goOn(flush);
  await again.reached;
  again.goOn();
  const job = await started.ended(moving);
  writing.stopped = true;
  await writing.done;
  // The timer that ends a try may be late on a busy machine, and then that is told.
  const otherWarnings = job.warnings.filter((warning) => !warning.includes("longer than its budget"));
  expect({ state: job.state, otherWarnings }).toEqual({ state: "succeeded", otherWarnings: [] });
  expect(job.attempts).toBeGreaterThan(1);
  expect([await numberIn(log), await numberIn(data)]).toEqual([writing.n, writing.n]);
});

test("metrics add up what all threads serve, and count what has happened", async () => {
  const started = await begin(2);
  for (const name of ["one", "two", "three"]) await started.create(name);
  await started.connect("two");
  await started.ended(await started.move(["one"]));
  const { text } = await started.call<{ text: string }>("metrics.read", {});
  const told = text.split("\n").filter((line) => line.startsWith("pagurus_"));
  expect(told.sort()).toEqual([
    "pagurus_disk_connections 1",
    "pagurus_disks_switched_over_total 1",
    "pagurus_disks_unavailable_total 0",
    'pagurus_jobs_ended_total{state="succeeded"} 1',
    'pagurus_nbd_clients_total{form="structured"} 1',
    "pagurus_open_disks 3",
    "pagurus_running_moves 0",
  ]);
});

test("a disk that can't be made durable when the server stops keeps no other from being closed", async () => {
  const conductor = new Conductor();
  const started = await rehearsedEngine(conductor, { diskThreads: 0 });
  engine = started;
  await started.create("failing", "fast");
  await started.create("well", "archive");
  await conductor.arm({ datastore: "fast", operation: "flush", skip: 0, act: "fail" });
  await started.stop();
  const deeds = (await conductor.deeds()).filter(({ datastore }) => datastore === "archive");
  expect(deeds.slice(-2).map(({ operation }) => operation)).toEqual(["flush", "close"]);
});
