import fc from "fast-check";
import { expect, test } from "vitest";
import { createProgressLine, createProgressText } from "./progress-line.ts";

const percentIn = (line: string): number => Number(/(\d+)%/.exec(line)?.[1]);

test("the percent never runs backwards and never passes 100, whatever is reported", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 150, noNaN: true })), (percents) => {
      const textOf = createProgressText("7");
      const shown = percents.map((percent) => percentIn(textOf({ percent })));
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      expect(Math.max(0, ...shown)).toBeLessThanOrEqual(100);
    }),
  );
});

test("the line tells phase, percent, rates and what is predicted, and leaves out what is unknown", () => {
  const progress = {
    phase: "copying",
    percent: 42.7,
    round: 2,
    bytesCopied: 3 * 2 ** 30,
    bytesPerSecond: 400 * 2 ** 20,
    dirtyBytes: 2 ** 20,
    dirtyBytesPerSecond: 2 ** 21,
    predictedPauseMs: 12,
    predictedEndMs: 4000,
  };
  expect(createProgressText("7")(progress)).toBe(
    "copying      42%  round 2  3 GiB copied  400 MiB/s  dirty 1 MiB  written 2 MiB/s  pause about 12 ms  ends in 4 s",
  );
  expect(createProgressText("7")({})).toBe("running       0%");
});

test("the line of an acceptance run tells how many scenarios have ended, and how many failed", () => {
  const progress = { phase: "running", percent: 20, planned: 50, scenarios: 10, passed: 10, failed: 0 };
  const textOf = createProgressText("7");
  expect(textOf(progress)).toBe("running      20%  10 of 50 scenarios");
  expect(textOf({ ...progress, failed: 2 })).toBe("running      20%  10 of 50 scenarios  2 failed");
});

test("a move that waits for its operator says how it is switched over, and what that would cost", () => {
  const progress = {
    phase: "ready",
    percent: 99,
    dirtyBytes: 2 ** 20,
    predictedPauseMs: 12,
    predictedEndMs: 40,
  };
  const textOf = createProgressText("7");
  expect(textOf({ ...progress, switchOver: "manual" })).toBe(
    "ready: switch with `pagurus migrations switch 7`  pause about 12 ms  dirty 1 MiB",
  );
  expect(textOf({ ...progress, switchOver: "auto" })).toBe(
    "ready        99%  dirty 1 MiB  pause about 12 ms  ends in 40 ms",
  );
});

test("a move that comes no nearer to its end says so", () => {
  const progress = { phase: "converging", percent: 95, predictedPauseMs: 900, predictedEndMs: null };
  expect(createProgressText("7")(progress)).toBe("converging   95%  pause about 900 ms  no end in sight");
});

test("a terminal's line is rewritten and cut to its width", () => {
  const written: string[] = [];
  const out = { write: (text: string) => written.push(text), isTTY: true, columns: 11 };
  const line = createProgressLine(out, { monotonicMs: () => 0 });
  line.show("0123456789abcdef");
  line.show("next");
  line.end();
  expect(written).toEqual(["\r0123456789\u001b[K", "\rnext\u001b[K", "\r\u001b[K"]);
});

test("elsewhere lines come at most once a second, and none is rewritten", () => {
  const written: string[] = [];
  let nowMs = 0;
  const line = createProgressLine(
    { write: (text: string) => written.push(text) },
    { monotonicMs: () => nowMs },
  );
  for (nowMs = 0; nowMs <= 2500; nowMs += 100) line.show(`at ${nowMs}`);
  line.end();
  expect(written).toEqual(["at 0\n", "at 1000\n", "at 2000\n"]);
});
