import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { Outages } from "./outages.ts";
import { recordingLog, recordingMetrics } from "./testing/services.ts";

const about = { datastore: "minio", endpoint: "http://store:9000" };

const outagesOn = (clock: FakeClock) => {
  const { log, lines } = recordingLog();
  const { metrics, values } = recordingMetrics();
  const outages = new Outages({ ...about, clock, log, metrics });
  const told = () => lines.map(({ level }) => level);
  const measured = () => values.get("pagurus_bucket_waiting_calls");
  return { outages, lines, told, measured };
};

test("a call that waits 5 s is told once, and that it has been answered", () => {
  const clock = new FakeClock();
  const { outages, lines, told, measured } = outagesOn(clock);
  const began = clock.now();
  const call = outages.begin();
  clock.advance(4000);
  call.failed("connect ECONNREFUSED");
  expect(outages.current).toBeUndefined();
  clock.advance(1000);
  expect(outages.current).toEqual({ since: began, reason: "connect ECONNREFUSED", waiting: 1 });
  call.failed("SlowDown");
  clock.advance(60_000);
  expect(outages.current).toEqual({ since: began, reason: "SlowDown", waiting: 1 });
  expect(told()).toEqual(["warn"]);
  expect(lines[0]?.data).toMatchObject({ ...about, reason: "connect ECONNREFUSED" });
  expect(measured()).toBe(1);
  call.answered();
  expect(outages.current).toBeUndefined();
  expect(told()).toEqual(["warn", "info"]);
  expect(lines[1]?.data).toMatchObject({ ...about, outageMs: 65_000 });
  expect(measured()).toBe(0);
});

test("nothing is left waiting for the clock after a stop", () => {
  const clock = new FakeClock();
  const { outages, told } = outagesOn(clock);
  outages.begin();
  outages.stop();
  clock.advance(60_000);
  expect(told()).toEqual([]);
});

test("a call whose bytes move isn't told, however long it takes", () => {
  const clock = new FakeClock();
  const { outages, told } = outagesOn(clock);
  const call = outages.begin();
  for (let seconds = 0; seconds < 30; seconds += 3) {
    clock.advance(3000);
    call.alive();
  }
  expect(outages.current).toBeUndefined();
  clock.advance(5000);
  expect(told()).toEqual(["warn"]);
});

test("others that are answered end no outage while one still waits", () => {
  const clock = new FakeClock();
  const { outages, told } = outagesOn(clock);
  const stuck = outages.begin();
  clock.advance(5000);
  outages.begin().answered();
  expect(outages.current).toMatchObject({ waiting: 1 });
  stuck.answered();
  expect(told()).toEqual(["warn", "info"]);
});

test("who gives up ends no outage: the next answer does", () => {
  const clock = new FakeClock();
  const { outages } = outagesOn(clock);
  const call = outages.begin();
  clock.advance(5000);
  call.left();
  expect(outages.current).toMatchObject({ waiting: 0 });
  outages.begin().answered();
  expect(outages.current).toBeUndefined();
});

test("a store that nobody asks costs no timer", () => {
  const clock = new FakeClock();
  const { outages } = outagesOn(clock);
  outages.begin().answered();
  clock.advance(5000);
  expect(clock.waiting).toBe(0);
});
