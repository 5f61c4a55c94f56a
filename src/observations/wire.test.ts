import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CodedError } from "../contract/errors.ts";
import type { Observation } from "../contract/observation.ts";
import { observationOf, task } from "./task.ts";
import { errorOf } from "./wire.ts";

const crossed = (observation: Observation): Observation =>
  JSON.parse(JSON.stringify(observation)) as Observation;

const values = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const chains: fc.Memo<Observation> = fc.memo<Observation>((depth) =>
  fc
    .record({
      code: fc.string({ minLength: 1 }),
      data: fc.dictionary(fc.string(), values, { maxKeys: 4, noNullPrototype: true }),
      at: fc.nat(),
      causes: depth > 1 ? fc.array(chains(depth - 1), { maxLength: 2 }) : fc.constant([]),
      task: fc.option(fc.string(), { nil: undefined }),
    })
    .map(({ task: name, ...observation }) =>
      name === undefined ? observation : { ...observation, task: name },
    ),
);

describe("the wire form", () => {
  it("is equal again after it was an error", () => {
    fc.assert(
      fc.property(chains(6), (observation) => {
        expect(observationOf(errorOf(observation))).toEqual(observation);
      }),
    );
  });

  it("@O-4 carries a failure of another process into the task that asked, which tells it or clears it", async () => {
    const remote = crossed(
      await task("write", { offset: 0 }, async () => {
        throw new CodedError("layer-closed", { layer: "l1" });
      }).catch(observationOf),
    );
    const ask = () => task("call", { thread: 1 }, async () => Promise.reject(errorOf(remote)));
    const failure = await ask().catch(observationOf);
    expect(failure).toMatchObject({ code: "task-failed", task: "call", causes: [remote] });
    const cleared = await task("door", {}, async () => {
      await task("recovered", {}, () => ask().catch(() => {}));
      return task("fails", {}, async () => Promise.reject(new Error("other"))).catch(observationOf);
    });
    expect(cleared).toMatchObject({ task: "fails", causes: [] });
  });

  it("keeps the cause for code that branches on it", () => {
    const error = errorOf({
      code: "a",
      data: {},
      at: 0,
      causes: [{ code: "b", data: {}, at: 0, causes: [] }],
    });
    expect(CodedError.is(error.cause, "b")).toBe(true);
  });

  it("is JSON of bounded size whatever was thrown", () => {
    const circular: Record<string, unknown> = {
      big: 1n,
      bytes: new Uint8Array(9),
      run: () => {},
      at: new Date(NaN),
    };
    Object.assign(circular, { self: circular, text: "x".repeat(1_000_000) });
    const self = new CodedError("own-code", circular);
    Object.defineProperty(self, "cause", { value: self });
    let deep: unknown = self;
    for (let level = 0; level < 1000; level += 1) deep = new Error(`level ${level}`, { cause: deep });
    for (const thrown of [self, deep, circular, undefined, Symbol("s")]) {
      const text = JSON.stringify(observationOf(thrown));
      expect(text.length).toBeLessThan(100_000);
      expect(crossed(observationOf(thrown)).code).toMatch(/own-code|internal/);
    }
  });

  it("bounds the number of observations in a wide chain, keeping the innermost first cause", () => {
    const wide = (depth: number): Error =>
      depth === 0
        ? new CodedError("root", {})
        : new AggregateError(Array.from({ length: 9 }, () => wide(depth - 1)));
    const text = JSON.stringify(observationOf(wide(4)));
    expect(text.match(/"code"/g)?.length).toBeLessThanOrEqual(200);
    expect(text).toContain('"root"');
  });
});
