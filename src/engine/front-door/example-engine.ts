import { hashToken } from "../../catalog/index.ts";
import { type CallContext, defineFunction, type Engine, type Json, z } from "../../contract/index.ts";
import { createEventHub } from "../events/index.ts";
import { describe } from "./describe.ts";
import { exampleFunctions, type Shell } from "./example-functions.ts";
import { createFrontDoor, type FunctionFailure } from "./front-door.ts";

export const EXAMPLE_TOKENS = { all: "token-of-all", reader: "token-of-a-reader" } as const;
const tokenByHash = new Map([
  [hashToken(EXAMPLE_TOKENS.all), { id: "all", permissions: ["*"] }],
  [hashToken(EXAMPLE_TOKENS.reader), { id: "reader", permissions: ["read"] }],
]);

/** A small engine, for the tests of what stands on engines: the real front door and hub before a shelf of shells. */
export const createExampleEngine = () => {
  const shells = new Map<string, Shell>();
  const audit: Readonly<Record<string, unknown>>[] = [];
  const failures: FunctionFailure[] = [];
  const clock = { now: () => 1_000, monotonicMs: () => 0, sleep: async () => {}, after: () => () => {} };
  const log = {
    debug() {},
    warn() {},
    error() {},
    info: (_: string, data: Readonly<Record<string, unknown>> = {}) => void audit.push(data),
  };
  const hub = createEventHub({ boot: 3, clock, capacity: 8 });
  const entered = gate();
  const released = gate();
  const hold = { entered: entered.open, released: released.opened };

  const shelf = exampleFunctions(shells, hold, (name, input) => engine.invoke(name, input));
  const list = defineFunction({
    name: "functions.list",
    summary: "What can be called",
    kind: "call",
    effect: "read",
    http: { method: "GET", path: "/v1/functions" },
    input: z.strictObject({}),
    output: z.object({ items: z.array(z.looseObject({ name: z.string() })) }),
    run: () => ({ items: descriptions.map((description) => ({ ...description })) }),
  });
  const functions = [list, ...shelf].map((declared) => ({ function: declared, plugin: "example" }));
  const descriptions = describe(functions);

  let jobs = 0;
  const door = createFrontDoor({
    functions,
    store: {
      tokens: { findByHash: async (hash) => withDetails(tokenByHash.get(hash)) },
      idempotency: keysInMemory(),
    },
    events: hub,
    resolve: (token) => token,
    startJob: async (declared, input) => ({
      id: `job-${++jobs}`,
      function: declared.name,
      input,
      state: "queued",
    }),
    context: (signal): CallContext => ({ signal, clock, log, resource: async () => {} }),
    audit: log,
    onFailure: (failure) => void failures.push(failure),
  });
  const engine: Engine = {
    ...door,
    health: async () => ({ ready: true, version: "0.0.1", details: {} }),
    close: async () => hub.close(),
  };
  return {
    engine,
    hub,
    shells,
    audit,
    failures,
    descriptions,
    holding: entered.opened,
    release: released.open,
  };
};

const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};

const withDetails = (token: { id: string; permissions: readonly string[] } | undefined) =>
  token && { ...token, name: token.id, hash: "", createdAt: 0 };

/** Idempotency keys as the catalog keeps them. */
const keysInMemory = () => {
  const calls = new Map<string, { readonly of: string; readonly answer?: Json }>();
  const idOf = (key: string, token: string | null) => JSON.stringify([key, token]);
  return {
    async begin(call: { key: string; token: string | null; function: string; inputHash: string }) {
      const id = idOf(call.key, call.token);
      const of = `${call.function} ${call.inputHash}`;
      const known = calls.get(id);
      if (known === undefined) calls.set(id, { of });
      if (known === undefined) return { state: "new" as const };
      if (known.of !== of) return { state: "conflict" as const };
      if (known.answer === undefined) return { state: "running" as const };
      return { state: "done" as const, answer: known.answer };
    },
    async finish(key: string, token: string | null, answer: Json) {
      const id = idOf(key, token);
      calls.set(id, { of: calls.get(id)?.of ?? "", answer });
    },
    async drop(key: string, token: string | null) {
      calls.delete(idOf(key, token));
    },
  };
};
