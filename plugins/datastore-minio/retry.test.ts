import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { Outages } from "./outages.ts";
import { type Attempted, Retries } from "./retry.ts";
import { recordingLog, recordingMetrics } from "./testing/services.ts";

const about = { datastore: "minio", endpoint: "http://store:9000" };
const again: Attempted<never> = { kind: "again", reason: "SlowDown" };

const retriesOn = (clock: FakeClock, random: () => number) => {
  const outages = new Outages({
    ...about,
    clock,
    log: recordingLog().log,
    metrics: recordingMetrics().metrics,
  });
  return new Retries({ ...about, clock, outages, random });
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** How long after the first attempt each of the next ones comes. */
async function attemptTimes(random: () => number): Promise<readonly number[]> {
  const clock = new FakeClock();
  const began = clock.now();
  const times: number[] = [];
  const run = retriesOn(clock, random).run<undefined>(async () => {
    times.push(clock.now() - began);
    return times.length < 9 ? again : { kind: "done", value: undefined };
  });
  for (let ms = 0; ms < 9000 && times.length < 9; ms++) {
    await turn();
    clock.advance(1);
  }
  await run;
  return times;
}

test("pauses grow up to a second", async () => {
  expect(await attemptTimes(() => 1)).toEqual([0, 50, 150, 350, 750, 1550, 2550, 3550, 4550]);
});

test("pauses differ, and are never shorter than half", async () => {
  expect(await attemptTimes(() => 0)).toEqual([0, 25, 75, 175, 375, 775, 1275, 1775, 2275]);
});

test("what is under way is given up when the store is closed, and later calls are not", async () => {
  const retries = retriesOn(new FakeClock(), () => 1);
  const run = retries.run(async () => {
    retries.stop();
    return again;
  });
  await expect(run).rejects.toMatchObject({ code: "call-interrupted" });
  await expect(retries.run(async () => ({ kind: "done", value: 1 }))).resolves.toBe(1);
});

test("a signal ends a pause", async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const run = retriesOn(clock, () => 1).run(async () => again, { signal: abort.signal });
  await turn();
  abort.abort(new Error("enough"));
  await expect(run).rejects.toThrow("enough");
});

test("an attempt may take what is left of the deadline, and no pause goes beyond it", async () => {
  const clock = new FakeClock();
  const left: number[] = [];
  const run = retriesOn(clock, () => 1).run(
    async ({ leftMs }) => {
      left.push(leftMs);
      clock.advance(400);
      return again;
    },
    { deadlineMs: 1000 },
  );
  const failure = expect(run).rejects.toMatchObject({
    code: "datastore-unavailable",
    data: { datastore: "minio" },
  });
  for (let ms = 0; ms < 300; ms++) {
    await turn();
    clock.advance(1);
  }
  await failure;
  expect(left).toEqual([1000, 550, 50]);
});
