import { afterEach, expect, test, vi } from "vitest";
import { createExampleEngine, EXAMPLE_TOKENS } from "../engine/front-door/example-engine.ts";
import { createEdge } from "./index.ts";

afterEach(() => {
  vi.useRealTimers();
});

const set = () => {
  const example = createExampleEngine();
  const edge = createEdge(example.engine, example.descriptions, { version: "0.0.1" });
  const open = (path: string, headers: Record<string, string> = {}) =>
    edge.request(path, { headers: { Authorization: `Bearer ${EXAMPLE_TOKENS.reader}`, ...headers } });
  return { ...example, open };
};
const idsIn = (text: string) =>
  [...text.matchAll(/^id: (.*)\nevent: (.*)$/gm)].map(([, id, type]) => `${id} ${type}`);

test("a stream has what happens once it is open, and ends with the engine", async () => {
  const { open, hub, engine } = set();
  const response = await open("/v1/events");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  hub.publish({ type: "shell.made", disk: "a", data: { line: "one\ntwo" } });
  await engine.close();
  const text = await response.text();
  expect(idsIn(text)).toEqual(["3-1 shell.made"]);
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? "";
  expect(JSON.parse(data)).toMatchObject({ id: "3-1", disk: "a", data: { line: "one\ntwo" } });
});

test.each([
  ["the header", "/v1/events", { "Last-Event-ID": "3-1" }],
  ["the query", "/v1/events?after=3-1", {}],
])("a stream resumes after the id in %s", async (_, path, headers) => {
  const { open, hub, engine } = set();
  for (const type of ["a.b", "c.d", "e.f"]) hub.publish({ type });
  const response = await open(path, headers);
  await engine.close();
  expect(idsIn(await response.text())).toEqual(["3-2 c.d", "3-3 e.f"]);
});

test("an id of another boot gets one reset, then what is new", async () => {
  const { open, hub, engine } = set();
  hub.publish({ type: "a.b" });
  const response = await open("/v1/events", { "Last-Event-ID": "2-9" });
  hub.publish({ type: "c.d" });
  await engine.close();
  expect(idsIn(await response.text())).toEqual(["3-1 reset", "3-2 c.d"]);
});

test("filters are taken from the query", async () => {
  const { open, hub, engine } = set();
  const streams = await Promise.all(
    ["types=a.b,c.d", "types=a.b&types=c.d", "job=7", "disk=x"].map((query) => open(`/v1/events?${query}`)),
  );
  hub.publish({ type: "a.b" });
  hub.publish({ type: "c.d", job: "7" });
  hub.publish({ type: "e.f", disk: "x" });
  await engine.close();
  const texts = await Promise.all(streams.map((stream) => stream.text()));
  expect(texts.map((text) => idsIn(text).map((line) => line.slice(0, 3)))).toEqual([
    ["3-1", "3-2"],
    ["3-1", "3-2"],
    ["3-2"],
    ["3-3"],
  ]);
});

test("a slow reader gets the latest progress of each job, and no id that would skip an event", async () => {
  const { open, hub, engine } = set();
  const response = await open("/v1/events?after=3-0");
  hub.publish({ type: "job.started", job: "7" });
  for (let percent = 0; percent <= 100; percent++)
    hub.publish({ type: "job.progressed", job: "7", data: { percent } });
  hub.publish({ type: "job.ended", job: "7" });
  await engine.close();
  const text = await response.text();
  expect(idsIn(text)).toEqual(["3-1 job.started", "3-1 job.progressed", "3-2 job.ended"]);
  expect(text).toContain('"percent":100');
});

test("a token is refused before the stream begins", async () => {
  const { open } = set();
  expect((await open("/v1/events", { Authorization: "" })).status).toBe(401);
  expect((await open("/v1/events", { Authorization: "Bearer x" })).status).toBe(401);
});

test("HEAD opens no stream", async () => {
  const { engine, descriptions } = createExampleEngine();
  const edge = createEdge(engine, descriptions, { version: "0.0.1" });
  const headers = { Authorization: `Bearer ${EXAMPLE_TOKENS.all}` };
  const response = await edge.request("/v1/events", { method: "HEAD", headers });
  expect([response.status, response.headers.get("content-type"), response.body]).toEqual([
    200,
    "text/event-stream",
    null,
  ]);
});

test("a silent stream shows that it is alive", async () => {
  vi.useFakeTimers();
  const { open } = set();
  const reader = (await open("/v1/events")).body?.getReader();
  const text = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await text()).toMatch(/^: connected\n/);
  const heartbeat = text();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await heartbeat).toBe(": alive\n\n");
});

test("a reader that goes away ends its subscription", async () => {
  const { engine, descriptions } = createExampleEngine();
  let ended = false;
  const edge = createEdge(
    {
      ...engine,
      async *events(_, { signal } = {}) {
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        ended = true;
      },
    },
    descriptions,
    { version: "0.0.1" },
  );
  const headers = { Authorization: `Bearer ${EXAMPLE_TOKENS.all}` };
  await (await edge.request("/v1/events", { headers })).body?.cancel();
  await vi.waitFor(() => expect(ended).toBe(true));
});
