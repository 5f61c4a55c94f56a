import { expect, test } from "vitest";
import { CodedError, type EngineEvent } from "../contract/index.ts";
import { createScriptedEngine, eventOf, runWith } from "./test-host.ts";

const start = ["migrations", "start", "--disk", "web", "--to", "slow", "--wait"];
const running = { id: "7", state: "running", progress: { phase: "copying", percent: 10 } };
const finished = {
  id: "7",
  state: "succeeded",
  input: { disks: ["web"], to: "slow" },
  outcome: { code: "succeeded" },
  rounds: 3,
  bytesCopied: 2 ** 30,
  pauseMs: 4.2,
};

/** Answers of `jobs.show`, one after the other; the last one is repeated. */
const inTurn = (...rows: readonly unknown[]) => {
  const left = [...rows];
  return () => (left.length > 1 ? left.shift() : left[0]);
};

async function* eventsThenSilence(...events: readonly EngineEvent[]): AsyncIterable<EngineEvent> {
  yield* events;
  await new Promise(() => undefined);
}

test("--wait --json prints the finished job alone, progress on standard error, exit code 0", async () => {
  const { engine } = createScriptedEngine(
    { "migrations.start": { id: "7", state: "queued" }, "jobs.show": inTurn(running, finished) },
    () =>
      eventsThenSilence(eventOf("job.progressed", { phase: "copying", percent: 50 }), eventOf("job.ended")),
  );
  const { code, out, err } = await runWith([...start, "--json"], engine);
  expect({ code, job: JSON.parse(out) }).toEqual({ code: 0, job: finished });
  expect(err).toContain("copying      10%");
});

test("a person gets progress and then the account, in one place", async () => {
  const { engine } = createScriptedEngine(
    { "migrations.start": { id: "7", state: "queued" }, "jobs.show": inTurn(running, finished) },
    () => eventsThenSilence(eventOf("job.ended")),
  );
  const { code, out, err } = await runWith(start, engine);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/copying {6}10%[\s\S]*job 7 succeeded\n/);
  expect(out).toMatch(/^bytes copied +1 GiB$/m);
  expect((await runWith([...start, "--quiet"], engine)).out).not.toContain("%");
});

test.each([
  ["failed", "job 7 failed\nMoving web failed because the disk is full.\n"],
  ["cancelled", "job 7 was cancelled\n"],
])("a job that %s exits with 1 and says why", async (state, said) => {
  const job = { id: "7", state, ...(state === "failed" && { report: "r1" }) };
  const { engine } = createScriptedEngine({
    "jobs.show": job,
    "reports.show": { sentence: "Moving web failed because the disk is full." },
  });
  const { code, out } = await runWith(["migrations", "watch", "7"], engine);
  expect(code).toBe(1);
  expect(out).toContain(said);
});

test("after a reset the job is read anew, so an end that no event told of is seen", async () => {
  const { engine } = createScriptedEngine({ "jobs.show": inTurn(running, finished) }, () =>
    eventsThenSilence(eventOf("reset")),
  );
  expect((await runWith(["jobs", "watch", "7"], engine)).code).toBe(0);
});

test("silence and a broken stream end in a new reading too", async () => {
  const timersFireAtOnce = { monotonicMs: () => 0, after: (_: number, then: () => void) => cancelled(then) };
  const silent = createScriptedEngine({ "jobs.show": inTurn(running, running, finished) });
  expect((await runWith(["jobs", "watch", "7"], silent.engine, { clock: timersFireAtOnce })).code).toBe(0);
  const broken = createScriptedEngine({ "jobs.show": inTurn(running, running, finished) }, () => breaking());
  expect((await runWith(["jobs", "watch", "7"], broken.engine, { clock: timersFireAtOnce })).code).toBe(0);
});

const cancelled = (then: () => void) => {
  const timer = setTimeout(then);
  return () => clearTimeout(timer);
};

// biome-ignore lint/correctness/useYield: it breaks before its first event.
async function* breaking(): AsyncIterable<EngineEvent> {
  throw new CodedError("server-stopping", {});
}

test("a job that can't be read ends the watching with its reason", async () => {
  const { engine } = createScriptedEngine({
    "jobs.show": () => {
      throw new CodedError("job-not-found", { job: "7" });
    },
  });
  expect(await runWith(["jobs", "watch", "7"], engine)).toMatchObject({
    code: 3,
    err: expect.stringContaining("no job 7"),
  });
});

test("Ctrl-C stops the watching, cancels nothing, and says how to go on", async () => {
  const interruption = new AbortController();
  async function* interrupted(): AsyncIterable<EngineEvent> {
    interruption.abort();
    await new Promise(() => undefined);
  }
  const { engine, calls } = createScriptedEngine({ "jobs.show": running }, interrupted);
  const { code, out, err } = await runWith(["jobs", "watch", "7", "--json"], engine, {
    signal: interruption.signal,
  });
  expect({ code, out }).toEqual({ code: 130, out: "" });
  expect(err).toContain("`pagurus jobs watch 7`");
  expect(err).toContain("`pagurus jobs cancel 7`");
  expect(calls.some(({ name }) => name.endsWith(".cancel"))).toBe(false);
});

test("a switch-over that was asked for is followed to its end with --wait, and told of without", async () => {
  const { engine, calls } = createScriptedEngine({
    "migrations.switch": { id: "7", state: "running" },
    "jobs.show": finished,
  });
  const waited = await runWith(["migrations", "switch", "7", "--when-ready", "--wait"], engine);
  expect(waited).toMatchObject({ code: 0, out: expect.stringContaining("job 7 succeeded\n") });
  expect(calls[0]).toMatchObject({ name: "migrations.switch", input: { id: "7", whenReady: true } });
  const told = await runWith(["migrations", "switch", "7"], engine);
  expect(told).toMatchObject({ code: 0, out: "job 7 is running\n" });
  expect(told.err).toContain("pagurus jobs watch 7");
  const invoked = await runWith(["invoke", "migrations.switch", '{"id":"7"}', "--wait"], engine);
  expect(invoked).toMatchObject({ code: 0, out: expect.stringContaining("job 7 succeeded\n") });
});

test("without --wait the job's id is told, and how to watch it", async () => {
  const { engine } = createScriptedEngine({ "migrations.start": { id: "7", state: "queued" } });
  const { code, out, err } = await runWith(start.slice(0, -1), engine);
  expect({ code, out }).toEqual({ code: 0, out: "job 7 is queued\n" });
  expect(err).toContain("pagurus jobs watch 7");
});
