import { expect, test } from "vitest";
import { CodedError, type PluginFunction, z } from "../../contract/index.ts";
import { describe } from "./describe.ts";

const functionOf = (over: Partial<PluginFunction> = {}): PluginFunction => ({
  name: "shells.show",
  summary: "Show a shell",
  kind: "call",
  effect: "read",
  input: z.strictObject({ name: z.string(), wide: z.boolean().default(false) }),
  output: z.null(),
  run: () => null,
  ...(over as object),
});
const described = (...functions: readonly PluginFunction[]) =>
  describe(functions.map((declared) => ({ function: declared, plugin: "shelf" })));
const refusalOf = (...functions: readonly PluginFunction[]) => {
  try {
    described(...functions);
  } catch (error) {
    if (CodedError.is(error)) return error;
  }
  throw new TypeError("it was not refused");
};
const http = (path: string) => ({ http: { method: "GET", path } as const });

test("a function becomes plain data, its input as callers give it", () => {
  const [description] = described(functionOf(http("/v1/shells/{name}")));
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description).toMatchObject({
    name: "shells.show",
    plugin: "shelf",
    creates: false,
    http: { method: "GET", path: "/v1/shells/{name}" },
    // What has a default need not be given.
    input: { type: "object", required: ["name"], additionalProperties: false },
    output: { type: "null" },
  });
});

test.each([
  ["input", { input: z.strictObject({ at: z.date() }) }],
  ["output", { output: z.string().transform(Number) }],
  ["output", { output: z.bigint() }],
])("an %s that JSON Schema cannot express is refused", (part, over) => {
  const { code, data } = refusalOf(functionOf(over));
  expect(code).toBe("schema-inexpressible");
  expect(data).toMatchObject({ function: "shells.show", part });
});

test.each([
  ["a name that is taken", [functionOf(), functionOf()]],
  [
    "a route that is taken, whatever its parameter is called",
    [functionOf(http("/v1/x/{name}")), functionOf({ name: "shells.look", ...http("/v1/x/{wide}") })],
  ],
  ["a route of the server", [functionOf(http("/v1/events"))]],
  ["a path parameter that is no field", [functionOf(http("/v1/shells/{id}"))]],
  ["a path outside /v1", [functionOf(http("/healthz"))]],
])("%s is refused", (_, functions) => {
  expect(refusalOf(...functions).code).toBe("function-invalid");
});
