import { afterEach, expect, test } from "vitest";
import type { NbdClient } from "../testing/index.ts";
import { MIB, TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end());

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
