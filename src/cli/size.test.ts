import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSize } from "./size.ts";

test.each([
  ["512", 512],
  ["0", 0],
  ["1KiB", 1024],
  ["1.5MiB", 1_572_864],
  ["20GiB", 21_474_836_480],
  ["20gib", 21_474_836_480],
  ["10MB", 10_000_000],
  ["0.5 KB", 500],
  ["1PiB", 2 ** 50],
])("%s is %d bytes", (given, bytes) => expect(parseSize(given)).toBe(bytes));

test.each([
  ["", "not a number"],
  ["big", "not a number"],
  ["-1GiB", "not a number"],
  ["1e3", "not a number"],
  ["1.5", "not a whole number of bytes"],
  ["0.3KiB", "not a whole number of bytes"],
  ["20GX", "GX is not a unit"],
  ["20G", "G is not a unit"],
  ["9PiB", "too large"],
])("%j is refused: %s", (given, problem) => {
  expect(() => parseSize(given)).toThrow(
    expect.objectContaining({
      code: "size-invalid",
      data: { given, problem: expect.stringContaining(problem) },
    }),
  );
});

test("a size written in any unit that divides it is read back exactly", () => {
  const units = ["", "KiB", "MiB", "GiB", "KB", "MB"] as const;
  const factors = { "": 1, KiB: 1024, MiB: 2 ** 20, GiB: 2 ** 30, KB: 1000, MB: 1_000_000 };
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 20 }), fc.constantFrom(...units), (count, unit) => {
      expect(parseSize(`${count}${unit}`)).toBe(count * factors[unit]);
    }),
  );
});
