import { expect, test } from "vitest";
import { type FunctionDescription, type JsonSchema, z } from "../contract/index.ts";
import { fieldsOf } from "./flags-from-schema.ts";
import { singularOf } from "./words.ts";

const fieldsFrom = (shape: z.ZodRawShape, flags?: Readonly<Record<string, string>>) => {
  const description: FunctionDescription = {
    name: "things.do",
    summary: "",
    kind: "call",
    effect: "read",
    creates: false,
    plugin: "p",
    input: z.toJSONSchema(z.strictObject(shape), { io: "input" }) as JsonSchema,
    output: {},
    ...(flags && { cli: { flags } }),
  };
  return Object.fromEntries(fieldsOf(description).map((field) => [field.name, field]));
};

test("a trailing Bytes or Ms is dropped from the flag and says what the flag takes", () => {
  const fields = fieldsFrom({
    sizeBytes: z.int(),
    maxPauseMs: z.int(),
    maxBytesPerSecond: z.int(),
    maxAttempts: z.int(),
  });
  expect(Object.values(fields).map(({ flag, unit }) => [flag, unit])).toEqual([
    ["size", "bytes"],
    ["max-pause", "ms"],
    ["max-bytes-per-second", "bytes-per-second"],
    ["max-attempts", undefined],
  ]);
});

test("a field that may be null says so", () => {
  const fields = fieldsFrom({ rate: z.int().nullable().optional(), size: z.int().optional() });
  expect(Object.values(fields).map(({ type, nullable }) => [type, nullable])).toEqual([
    ["number", true],
    ["number", false],
  ]);
});

test("an array's flag is its singular, repeated, and keeps what its elements are", () => {
  const { disks, sizesBytes } = fieldsFrom({
    disks: z.array(z.enum(["a", "b"])),
    sizesBytes: z.array(z.int()),
  });
  expect(disks).toMatchObject({ flag: "disk", repeated: true, type: "string", choices: ["a", "b"] });
  expect(sizesBytes).toMatchObject({ flag: "size", repeated: true, type: "number", unit: "bytes" });
});

test.each([
  ["disks", "disk"],
  ["entries", "entry"],
  ["addresses", "address"],
  ["hashes", "hash"],
  ["boxes", "box"],
  ["caches", "cache"],
  ["sizes", "size"],
  ["status", "status"],
  ["disk", "disk"],
])("one of %s is %s", (plural, singular) => expect(singularOf(plural)).toBe(singular));

test("two fields never share a flag, and none takes one that every command has", () => {
  const fields = fieldsFrom({ size: z.string(), sizeBytes: z.int(), json: z.boolean(), disk: z.string() });
  expect(Object.values(fields).map(({ flag }) => flag)).toEqual(["size", "size-bytes", "input-json", "disk"]);
});

test("a function's own flag names hold", () => {
  expect(fieldsFrom({ maxPauseMs: z.int() }, { maxPauseMs: "pause" })["maxPauseMs"]?.flag).toBe("pause");
});

test("what has a default or may be left out is not required, whatever wraps it", () => {
  const fields = fieldsFrom({
    must: z.string(),
    may: z.string().optional(),
    has: z.int().default(3),
    nullable: z.int().nullable().optional(),
    nested: z.object({ a: z.int() }).optional(),
    either: z.literal(["x", "y"]).optional(),
  });
  expect(Object.values(fields).map(({ required, type }) => [required, type])).toEqual([
    [true, "string"],
    [false, "string"],
    [false, "number"],
    [false, "number"],
    [false, "json"],
    [false, "string"],
  ]);
  expect(fields["either"]?.choices).toEqual(["x", "y"]);
});
