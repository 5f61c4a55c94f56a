import { afterEach, expect, test } from "vitest";
import { Conductor } from "../../step-definitions/rehearsal/conductor.ts";
import { rehearsedEngine, untilFlushHangs } from "./testing/rehearsed.ts";
import { type JobView, TestEngine } from "./testing/test-engine.ts";

const BLOCK = 4096;
let engine: TestEngine | undefined;
afterEach(() => engine?.end(), 30_000);

const begin = async (started: TestEngine, ...disks: readonly string[]) => {
  engine = started;
  for (const name of disks) await started.create(name);
  return started;
};
const adjust = (started: TestEngine, { id }: JobView, changes: object) =>
  started.call<JobView>("migrations.adjust", { id, ...changes });
const letSwitch = (started: TestEngine, { id }: JobView, options: object = {}) =>
  started.call<JobView>("migrations.switch", { id, ...options });
const isReady = (started: TestEngine, { id }: JobView) =>
  started.until({ types: ["job.ready"], job: id }, async () => (await started.job(id)).phase === "ready");

test("a move that goes too slowly is let go on, on all of its disks, and its record tells so", async () => {
  const started = await begin(await TestEngine.start(), "web", "log");
  for (const name of ["web", "log"])
    await (await started.connect(name)).write(0, Buffer.alloc(4 * 2 ** 20, 7), { fua: true });
  // Copying would take minutes.
  const moving = await started.move(["web", "log"], { maxBytesPerSecond: 4096 * 6 });
  await started.until({ job: moving.id }, async () => (await started.job(moving.id)).progress !== null);
  const changes = { maxBytesPerSecond: null, maxPauseMs: 900, guestImpact: 100, maxAttempts: 7 };
  const { input, progress } = await adjust(started, moving, changes);
  const budgets = { maxPauseMs: 900, guestImpact: 100, maxAttempts: 7 };
  expect(input).toMatchObject(budgets);
  expect(input).not.toHaveProperty("maxBytesPerSecond");
  expect(progress).toMatchObject({ budgets: { ...budgets, maxBytesPerSecond: null } });
  expect(await started.ended(moving)).toMatchObject({
    ...{ state: "succeeded", maxPauseMs: 900, pauseBudgetExceeded: false, warnings: [] },
    input: budgets,
  });
});

test.each(["prepared/before", "prepared/done", "copying/done"])(
  "what is adjusted at %s, before the disks copy, holds from their start",
  async (point) => {
    const started = await begin(await TestEngine.start(), "web");
    await (await started.connect("web")).write(0, Buffer.alloc(4 * 2 ** 20, 7), { fua: true });
    const hold = started.holds.at(point);
    const moving = await started.move(["web"], { maxBytesPerSecond: 4096 });
    await hold.reached;
    await adjust(started, moving, { maxBytesPerSecond: null });
    hold.goOn();
    expect(await started.ended(moving)).toMatchObject({ state: "succeeded" });
  },
);

test("a move whose target is still being opened is adjusted too", async () => {
  const conductor = new Conductor();
  const started = await begin(await rehearsedEngine(conductor), "web");
  await (await started.connect("web")).write(0, Buffer.alloc(4 * 2 ** 20, 7), { fua: true });
  const open = await conductor.arm({ datastore: "archive", operation: "open", skip: 0, act: "hold-before" });
  const moving = await started.move(["web"], { maxBytesPerSecond: 4096 });
  await conductor.reached(open);
  await adjust(started, moving, { maxBytesPerSecond: null });
  conductor.goOn(open);
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded" });
});

test("the deadline of a switch-over is the budget in force", async () => {
  const conductor = new Conductor();
  const started = await begin(await rehearsedEngine(conductor), "web");
  const client = await started.connect("web");
  const stun = started.holds.at("stunned/before");
  const moving = await started.move(["web"], { maxPauseMs: 60_000 });
  await stun.reached;
  await adjust(started, moving, { maxPauseMs: 150 });
  const goOn = await untilFlushHangs(conductor, stun);
  // Answered when the guest is let go, though the target still hangs.
  await client.write(0, Buffer.alloc(BLOCK, 1), { fua: true });
  await adjust(started, moving, { maxPauseMs: 20_000 });
  goOn();
  const { attempts, pauseMs } = await started.ended(moving);
  expect(attempts).toBeGreaterThan(1);
  expect(pauseMs).toBeGreaterThanOrEqual(150);
});

test("nothing to change, what is no migration and what has ended are refused by name", async () => {
  const started = await begin(await TestEngine.start(), "web");
  const moving = await started.move(["web"]);
  const refused = (changes: object, id = moving.id) =>
    started.call("migrations.adjust", { id, ...changes }).catch((error: { code: string }) => error.code);
  expect(await refused({})).toBe("input-invalid");
  expect(await refused({ maxPauseMs: 0 })).toBe("input-invalid");
  expect(await refused({ maxPauseMs: 10 }, "job-none")).toBe("job-not-found");
  await started.ended(moving);
  expect(await refused({ maxPauseMs: 10 })).toBe("job-ended");
  await expect(letSwitch(started, moving)).rejects.toMatchObject({ code: "job-ended" });
  await expect(letSwitch(started, { ...moving, id: "job-none" })).rejects.toMatchObject({
    code: "job-not-found",
  });
});

test("a manual move waits, ready and nearly equal, and switches over when it is told to", async () => {
  const started = await begin(await TestEngine.start(), "web", "log");
  const client = await started.connect("web");
  const moving = await started.move(["web", "log"], { switchOver: "manual" });
  await isReady(started, moving);
  for (let block = 0; block < 200; block++)
    await client.write(block * BLOCK, Buffer.alloc(BLOCK, 1 + block), { fua: true });
  expect(await started.job(moving.id)).toMatchObject({
    ...{ state: "running", phase: "ready", input: { switchOver: "manual" } },
    progress: { switchOver: "manual", predictedPauseMs: expect.any(Number) },
  });
  expect(await started.disk("web")).toMatchObject({ datastore: "fast", epoch: 1 });
  expect(await letSwitch(started, moving)).toMatchObject({ id: moving.id, input: { switchOver: "auto" } });
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded", outcome: { code: "ok" } });
  for (const name of ["web", "log"])
    expect(await started.disk(name)).toMatchObject({ datastore: "archive", epoch: 2 });
  expect((await client.read(199 * BLOCK, BLOCK)).equals(Buffer.alloc(BLOCK, 200))).toBe(true);
});

test("before it is ready a switch is refused and says what is missing, or is done as soon as it is", async () => {
  const started = await begin(await TestEngine.start(), "web");
  const hold = started.holds.at("prepared/done");
  const moving = await started.move(["web"], { switchOver: "manual" });
  await hold.reached;
  await expect(letSwitch(started, moving)).rejects.toMatchObject({
    code: "migration-not-ready",
    data: { job: moving.id, missing: "it has not begun to copy" },
  });
  await letSwitch(started, moving, { whenReady: true });
  // From now on nobody has to ask.
  await letSwitch(started, moving, { whenReady: true });
  await expect(letSwitch(started, moving)).rejects.toMatchObject({ code: "migration-switches-itself" });
  hold.goOn();
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded" });
});

test("a switch-over that was asked for is tried again by itself when it is given up", async () => {
  const conductor = new Conductor();
  const started = await begin(await rehearsedEngine(conductor), "web");
  const client = await started.connect("web");
  const moving = await started.move(["web"], { switchOver: "manual", maxPauseMs: 200, maxAttempts: 100 });
  await isReady(started, moving);
  const stun = started.holds.at("stunned/before");
  await letSwitch(started, moving);
  await stun.reached;
  const goOn = await untilFlushHangs(conductor, stun);
  await client.write(0, Buffer.alloc(BLOCK, 1), { fua: true });
  await adjust(started, moving, { maxPauseMs: 20_000 });
  goOn();
  const { state, attempts } = await started.ended(moving);
  expect(state).toBe("succeeded");
  expect(attempts).toBeGreaterThan(1);
});

test("a move under way is kept from switching over, and let go on", async () => {
  const started = await begin(await TestEngine.start(), "web");
  const hold = started.holds.at("converging/before");
  const moving = await started.move(["web"]);
  await hold.reached;
  await adjust(started, moving, { switchOver: "manual" });
  hold.goOn();
  await isReady(started, moving);
  await adjust(started, moving, { switchOver: "auto" });
  expect(await started.ended(moving)).toMatchObject({ state: "succeeded" });
});

test.each(["cancelled", "stopped"])(
  "a manual move that is %s while it waits leaves the source alone",
  async (how) => {
    const started = await begin(await TestEngine.start(), "web");
    const moving = await started.move(["web"], { switchOver: "manual" });
    await isReady(started, moving);
    if (how === "cancelled") {
      await started.call("migrations.cancel", { id: moving.id });
      expect(await started.ended(moving)).toMatchObject({ state: "cancelled", phase: "ready" });
    } else {
      await started.stop();
      engine = await TestEngine.start({ folder: started.folder });
      expect(await engine.job(moving.id)).toMatchObject({
        state: "failed",
        outcome: { code: "interrupted" },
      });
    }
    const now = engine as TestEngine;
    expect(await now.disk("web")).toMatchObject({ state: "available", datastore: "fast", epoch: 1 });
    expect(await now.files("archive")).toEqual([]);
    expect(await now.ended(await now.move(["web"]))).toMatchObject({ state: "succeeded" });
  },
);
