import { serve } from "@hono/node-server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CodedError, type Engine, type EngineEvent } from "../../contract/index.ts";
import { createEdge } from "../../edge/index.ts";
import { observationOf } from "../../observations/index.ts";
import { createExampleEngine, EXAMPLE_TOKENS } from "../front-door/example-engine.ts";
import { connectEngine } from "./index.ts";

type Example = ReturnType<typeof createExampleEngine>;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Serves the engine on a port of its own; `stop` also cuts the connections. */
const served = async ({ engine, descriptions }: Example, port = 0) => {
  const app = createEdge(engine, descriptions, { version: "0.0.1" });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => resolve(started));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  closers.push(stop);
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, stop };
};

const forms: readonly [string, (example: Example) => Promise<Engine>][] = [
  ["in process", async ({ engine }) => engine],
  ["over HTTP", async (example) => connectEngine({ url: (await served(example)).url })],
];

const token = EXAMPLE_TOKENS.all;
const failureOf = async (call: Promise<unknown>): Promise<CodedError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (CodedError.is(error)) return error;
  throw new TypeError(`not a coded error: ${error}`);
};
const take = async (events: AsyncIterable<EngineEvent>, count: number): Promise<readonly EngineEvent[]> => {
  const seen: EngineEvent[] = [];
  for await (const event of events) if (seen.push(event) === count) break;
  return seen;
};

describe.each(forms)("an engine %s", (_, form) => {
  const set = async () => {
    const example = createExampleEngine();
    const engine = await form(example);
    closers.push(() => engine.close());
    return { ...example, engine };
  };

  test("describes its functions as data, to those it knows", async () => {
    const { engine, descriptions } = await set();
    expect(await engine.functions({ token })).toEqual(descriptions);
    expect((await failureOf(engine.functions({ token: null }))).code).toBe("token-missing");
    expect((await failureOf(engine.functions({ token: "x" }))).code).toBe("token-invalid");
  });

  test("answers a call, and where to read what was created", async () => {
    const { engine } = await set();
    const made = await engine.invoke("shells.create", { name: "whelk", sizeBytes: 4 }, { token });
    expect(made).toEqual({
      kind: "call",
      output: { name: "whelk", sizeBytes: 4 },
      location: "/v1/shells/whelk",
      replayed: false,
    });
    expect((await engine.invoke("shells.show", { name: "whelk" }, { token })).output).toEqual(made.output);
  });

  test("answers a job with its row, after its check", async () => {
    const { engine, shells } = await set();
    expect((await failureOf(engine.invoke("shells.polish", { name: "cone" }, { token }))).code).toBe(
      "disk-not-found",
    );
    shells.set("cone", { name: "cone", sizeBytes: 1 });
    expect(await engine.invoke("shells.polish", { name: "cone" }, { token })).toEqual({
      kind: "job",
      output: { id: "job-1", function: "shells.polish", input: { name: "cone", grade: 1 }, state: "queued" },
      location: "/v1/jobs/job-1",
      replayed: false,
    });
  });

  test("says everything that is wrong with an input", async () => {
    const { engine } = await set();
    const wrong = { name: "Whelk", sizeBytes: 0.5, colour: "red", tags: ["a", 1] };
    const {
      code,
      data: { details },
    } = await failureOf(engine.invoke("shells.create", wrong, { token }));
    expect(code).toBe("input-invalid");
    expect(Array.isArray(details) && details.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/colour",
      "/name",
      "/sizeBytes",
      "/tags/1",
    ]);
  });

  test("lets a token do what it is permitted, and no more", async () => {
    const { engine, shells } = await set();
    const { reader } = EXAMPLE_TOKENS;
    const input = { name: "whelk", sizeBytes: 4 };
    expect((await failureOf(engine.invoke("shells.create", input, { token: reader }))).code).toBe(
      "permission-denied",
    );
    expect((await failureOf(engine.invoke("shells.create", input, { token: null }))).code).toBe(
      "token-missing",
    );
    expect(shells.size).toBe(0);
    expect((await engine.invoke("shells.list", {}, { token: reader })).output).toEqual({
      items: [],
      asked: {},
    });
    expect((await failureOf(engine.invoke("shells.melt", {}, { token }))).code).toBe("function-not-found");
  });

  test("replays the answer under a key, for the same call by the same token only", async () => {
    const { engine, shells } = await set();
    const call = { token, idempotencyKey: "k1" };
    const first = await engine.invoke("shells.create", { name: "whelk", sizeBytes: 4 }, call);
    const again = await engine.invoke("shells.create", { sizeBytes: 4, name: "whelk" }, call);
    expect(again).toEqual({ ...first, replayed: true });
    const other = engine.invoke("shells.create", { name: "cone", sizeBytes: 4 }, call);
    expect((await failureOf(other)).code).toBe("idempotency-conflict");
    expect([...shells.keys()]).toEqual(["whelk"]);
    const job = { token, idempotencyKey: "k2" };
    const started = await engine.invoke("shells.polish", { name: "whelk" }, job);
    expect(await engine.invoke("shells.polish", { name: "whelk" }, job)).toEqual({
      ...started,
      replayed: true,
    });
  });

  test("keeps a repetition out while the first call runs", async () => {
    const { engine, holding, release } = await set();
    const call = { token, idempotencyKey: "k1" };
    const first = engine.invoke("shells.hold", {}, call);
    await holding;
    expect((await failureOf(engine.invoke("shells.hold", {}, call))).code).toBe("idempotency-running");
    release();
    expect((await first).output).toBe(null);
  });

  test("frees the key of a call that failed", async () => {
    const { engine, shells } = await set();
    const call = { token, idempotencyKey: "k1" };
    shells.set("whelk", { name: "whelk", sizeBytes: 1 });
    const input = { name: "whelk", sizeBytes: 4 };
    expect((await failureOf(engine.invoke("shells.create", input, call))).code).toBe("disk-exists");
    shells.clear();
    expect((await engine.invoke("shells.create", input, call)).replayed).toBe(false);
  });

  test("tells a failure as one chain from the function to its cause", async () => {
    const { engine, failures } = await set();
    const error = await failureOf(engine.invoke("shells.crack", {}, { token }));
    const chain = observationOf(error);
    expect(chain.task).toBe("shells.crack");
    expect(chain.causes.map(({ task, code }) => [task, code])).toEqual([["press", "catalog-unavailable"]]);
    expect(failures.map((failure) => failure.function)).toEqual(["shells.crack"]);
  });

  test("reports a failure once, where nobody got over it", async () => {
    const { engine, failures } = await set();
    await engine.invoke("shells.mend", { patient: true }, { token });
    expect(failures).toEqual([]);
    const error = await failureOf(engine.invoke("shells.mend", { patient: false }, { token }));
    expect(failures.map((failure) => failure.function)).toEqual(["shells.mend"]);
    expect(observationOf(error).causes[0]?.task).toBe("shells.crack");
  });

  test("takes an output that its own schema refuses for the function's mistake", async () => {
    const { engine } = await set();
    expect((await failureOf(engine.invoke("shells.lie", {}, { token }))).code).toBe("internal");
  });

  test("writes down who changed what, and not with which input", async () => {
    const { engine, audit } = await set();
    await engine.invoke("shells.create", { name: "whelk", sizeBytes: 4 }, { token });
    await engine.invoke("shells.list", {}, { token });
    await failureOf(engine.invoke("shells.create", { name: "whelk", sizeBytes: 4 }, { token }));
    expect(audit).toEqual([
      { function: "shells.create", token: "all", outcome: "succeeded", replayed: false, ms: 0 },
      { function: "shells.create", token: "all", outcome: "disk-exists", replayed: false, ms: 0 },
    ]);
  });

  test("cancels a call with its signal", async () => {
    const { engine, holding, audit } = await set();
    const abort = new AbortController();
    const call = engine.invoke("shells.hold", {}, { token, signal: abort.signal });
    await holding;
    abort.abort();
    expect((await failureOf(call)).code).toBe("cancelled");
    await vi.waitFor(() => expect(audit).toMatchObject([{ function: "shells.hold", outcome: "cancelled" }]));
  });

  test("tells what happens, from any event on", async () => {
    const { engine, hub } = await set();
    hub.publish({ type: "shell.made", disk: "a" });
    hub.publish({ type: "shell.made", disk: "b", data: { n: 2 } });
    hub.publish({ type: "shell.broken", disk: "b" });
    const resumed = engine.events({ disk: "b" }, { token, after: "3-1" });
    expect((await take(resumed, 2)).map(({ id, type, data }) => [id, type, data])).toEqual([
      ["3-2", "shell.made", { n: 2 }],
      ["3-3", "shell.broken", {}],
    ]);
    const [reset] = await take(engine.events({ types: ["shell.made"] }, { token, after: "2-1" }), 1);
    expect(reset?.type).toBe("reset");
    expect((await failureOf(take(engine.events({}, { token: null }), 1))).code).toBe("token-missing");
  });

  test("says how it is", async () => {
    const { engine } = await set();
    expect(await engine.health()).toEqual({ ready: true, version: "0.0.1", details: {} });
  });
});

test("a call of our own process may do all without a token, in process only", async () => {
  const example = createExampleEngine();
  const made = await example.engine.invoke("shells.create", { name: "whelk", sizeBytes: 4 });
  expect(made.location).toBe("/v1/shells/whelk");
  const remote = connectEngine({ url: (await served(example)).url });
  expect((await failureOf(remote.invoke("shells.list", {}))).code).toBe("token-missing");
});

test("a server that isn't there is told as such, with what to do", async () => {
  const { url, stop } = await served(createExampleEngine());
  await stop();
  const error = await failureOf(connectEngine({ url, token }).invoke("shells.list", {}));
  expect([error.code, error.data]).toEqual(["server-unreachable", { url, reason: "nothing listens there" }]);
});

test("an answer of something else than a server of ours is told as such", async () => {
  const fetch = async () => new Response("<html>", { status: 502 });
  const error = await failureOf(connectEngine({ url: "http://x", fetch }).invoke("shells.list", {}));
  expect(error.code).toBe("answer-unreadable");
  expect(error.data).toMatchObject({ status: 502 });
});

test("events go on after the connection was lost, without a gap", async () => {
  const example = createExampleEngine();
  const first = await served(example);
  const remote = connectEngine({ url: first.url, token });
  closers.push(() => remote.close());
  const events = remote.events({}, { after: "3-0" })[Symbol.asyncIterator]();
  example.hub.publish({ type: "a.b" });
  expect((await events.next()).value.id).toBe("3-1");
  await first.stop();
  example.hub.publish({ type: "c.d" });
  await served(example, first.port);
  example.hub.publish({ type: "e.f" });
  expect((await events.next()).value.id).toBe("3-2");
  expect((await events.next()).value.id).toBe("3-3");
});

test("what may have been missed before the first event is told by a reset", async () => {
  const example = createExampleEngine();
  const first = await served(example);
  const answered: (() => void)[] = [];
  const connected = new Promise<void>((resolve) => answered.push(resolve));
  const fetch: typeof globalThis.fetch = async (...request) => {
    const response = await globalThis.fetch(...request);
    for (const tell of answered) tell();
    return response;
  };
  const remote = connectEngine({ url: first.url, token, fetch });
  closers.push(() => remote.close());
  const next = remote.events({})[Symbol.asyncIterator]().next();
  await connected;
  await first.stop();
  example.hub.publish({ type: "a.b" });
  await served(example, first.port);
  expect((await next).value.type).toBe("reset");
});
