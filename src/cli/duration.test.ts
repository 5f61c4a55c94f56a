import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["50ms", 50],
  ["2s", 2000],
  ["1.5s", 1500],
  ["1m30s", 90_000],
  ["2h", 7_200_000],
  ["1d1ms", 86_400_001],
])("%s is %d ms", (given, ms) => expect(parseDuration(given)).toBe(ms));

test.each([
  ["", "not a number"],
  ["50", "no unit"],
  ["soon", "not a number"],
  ["-1s", "not a number"],
  ["1s 2ms", "not a number"],
  ["1s1m", "from large to small"],
  ["1s1s", "from large to small"],
  ["0.5ms", "whole number of milliseconds"],
])("%j is refused: %s", (given, problem) => {
  expect(() => parseDuration(given)).toThrow(
    expect.objectContaining({
      code: "duration-invalid",
      data: { given, problem: expect.stringContaining(problem) },
    }),
  );
});

test("a duration written in its parts is read back exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (ms) => {
      const [minutes, rest] = [Math.floor(ms / 60_000), ms % 60_000];
      const text = `${minutes}m${Math.floor(rest / 1000)}s${rest % 1000}ms`;
      expect(parseDuration(text)).toBe(ms);
      expect(parseDuration(`${ms}ms`)).toBe(ms);
    }),
  );
});
