import { describe, expect, test } from "vitest";
import { createExampleEngine, EXAMPLE_TOKENS } from "../engine/front-door/example-engine.ts";
import { createEdge, type EdgeOptions } from "./index.ts";

const set = (options: Partial<EdgeOptions> = {}) => {
  const example = createExampleEngine();
  const edge = createEdge(example.engine, example.descriptions, { version: "0.0.1", ...options });
  /** With the token of all, unless other headers say otherwise; `body` is sent as JSON. */
  const call = async (target: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = "GET", path = "/"] = target.split(" ");
    const response = await edge.request(path, {
      method,
      headers: {
        Authorization: `Bearer ${EXAMPLE_TOKENS.all}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
    const json = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  };
  return { ...example, edge, call };
};
const whelk = { name: "whelk", sizeBytes: 4 };

describe("a declared route", () => {
  test("creates: 201 with the place to read it", async () => {
    const { call } = set();
    const made = await call("POST /v1/shells", whelk);
    expect([made.status, made.json, made.headers.get("location")]).toEqual([201, whelk, "/v1/shells/whelk"]);
    expect(await call("GET /v1/shells/whelk")).toMatchObject({ status: 200, json: whelk });
  });

  test("starts a job: 202 with the place to watch it, its fields from path and body", async () => {
    const { call } = set();
    await call("POST /v1/shells", whelk);
    const job = await call("POST /v1/shells/whelk/polish", { grade: 3 });
    expect([job.status, job.headers.get("location")]).toEqual([202, "/v1/jobs/job-1"]);
    expect(job.json.input).toEqual({ name: "whelk", grade: 3 });
    expect((await call("POST /v1/shells/whelk/polish")).status).toBe(202);
  });

  test("reads the query by the schema", async () => {
    const { call } = set();
    const { json } = await call("GET /v1/shells?limit=3&wide=true&tags=a&tags=1&prefix=12&ratio=0.5");
    expect(json.asked).toEqual({ limit: 3, wide: true, tags: ["a", "1"], prefix: "12", ratio: 0.5 });
    expect((await call("GET /v1/shells?tags=a&ratio=any")).json.asked).toEqual({ tags: ["a"], ratio: "any" });
    expect((await call("DELETE /v1/shells/whelk?force=true")).json.code).toBe("disk-not-found");
  });

  test.each([
    ["GET /v1/shells?limit=many", undefined, "/limit"],
    ["GET /v1/shells?limit=", undefined, "/limit"],
    ["GET /v1/shells?wide=yes", undefined, "/wide"],
    ["GET /v1/shells?colour=red", undefined, "/colour"],
    ["GET /v1/shells?__proto__=red", undefined, "/__proto__"],
    ["GET /v1/shells?limit=1&limit=2", undefined, "/limit"],
    ["GET /v1/shells/whelk?name=cone", undefined, "/name"],
    ["POST /v1/shells/whelk/polish", { name: "cone" }, "/name"],
    ["POST /v1/shells/whelk/polish", [], ""],
    ["POST /v1/shells?name=cone", { sizeBytes: 4 }, "/name"],
    ["GET /v1/shells/WHELK", undefined, "/name"],
  ])("refuses %s %j by the field %j", async (target, body, pointer) => {
    const { call, shells } = set();
    const { status, json } = await call(target, body);
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, "input-invalid", pointer]);
    expect(shells.size).toBe(0);
  });
});

test("a fixed segment of a path wins over a parameter in its place", async () => {
  const { engine, descriptions } = set();
  const show = descriptions.filter(({ name }) => name === "shells.show");
  const http = { method: "GET", path: "/v1/shells/all" } as const;
  const all = show.map((description) => ({ ...description, name: "shells.all", http }));
  const invoke = async (output: string) => ({ kind: "call", output, replayed: false }) as const;
  const edge = createEdge({ ...engine, invoke }, [...show, ...all], { version: "0.0.1" });
  expect(await (await edge.request("/v1/shells/all")).json()).toBe("shells.all");
  expect(await (await edge.request("/v1/shells/one")).json()).toBe("shells.show");
});

test("every function is called by its name", async () => {
  const { call } = set();
  expect(await call("POST /v1/functions/shells.create", whelk)).toMatchObject({ status: 201, json: whelk });
  expect(await call("POST /v1/functions/shells.show", { name: "whelk" })).toMatchObject({
    status: 200,
    json: whelk,
  });
  expect((await call("POST /v1/functions/shells.polish", { name: "whelk" })).status).toBe(202);
  expect((await call("POST /v1/functions/shells.melt", {})).status).toBe(404);
});

test("an idempotency key makes a repeated call answer what the first did", async () => {
  const { call, shells } = set();
  const key = { "Idempotency-Key": "one" };
  const first = await call("POST /v1/shells", whelk, key);
  const again = await call("POST /v1/shells", whelk, key);
  expect([first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")]).toEqual([
    null,
    "true",
  ]);
  expect([again.status, again.json, again.headers.get("location")]).toEqual([201, whelk, "/v1/shells/whelk"]);
  expect((await call("POST /v1/shells", { ...whelk, sizeBytes: 5 }, key)).status).toBe(422);
  expect((await call("POST /v1/shells", whelk, { "Idempotency-Key": "a b" })).status).toBe(400);
  expect(shells.size).toBe(1);
});

describe("a problem", () => {
  test.each([
    ["no token", "GET /v1/shells", undefined, { Authorization: "" }, 401, "token-missing"],
    ["another scheme", "GET /v1/shells", undefined, { Authorization: "Basic eDp5" }, 401, "token-missing"],
    ["a wrong token", "GET /v1/shells", undefined, { Authorization: "Bearer x" }, 401, "token-invalid"],
    [
      "a reader that writes",
      "POST /v1/shells",
      whelk,
      { Authorization: `Bearer ${EXAMPLE_TOKENS.reader}` },
      403,
      "permission-denied",
    ],
    ["what is not there", "GET /v1/shells/cone", undefined, {}, 404, "disk-not-found"],
    ["no such route", "GET /v2", undefined, {}, 404, "route-not-found"],
    ["another method", "PUT /v1/shells/cone", {}, {}, 405, "method-not-allowed"],
    ["no JSON", "POST /v1/shells", "{", {}, 400, "body-malformed"],
    ["a form", "POST /v1/shells", "a=1", { "Content-Type": "text/plain" }, 415, "media-type-unsupported"],
    ["a big body", "POST /v1/shells", `"${"x".repeat(200)}"`, {}, 413, "body-too-large"],
    ["a foreign host", "GET /v1/shells", undefined, { Host: "evil.example" }, 421, "host-refused"],
    [
      "a page's origin",
      "GET /v1/shells",
      undefined,
      { Origin: "http://evil.example" },
      403,
      "origin-refused",
    ],
    ["a page without one", "GET /v1/shells", undefined, { Origin: "null" }, 403, "origin-refused"],
    ["a failing catalog", "POST /v1/functions/shells.crack", {}, {}, 503, "catalog-unavailable"],
    ["our mistake", "POST /v1/functions/shells.lie", {}, {}, 500, "internal"],
  ] as const)("for %s says so", async (_, target, body, headers, status, code) => {
    const { call } = set({ bodyLimitBytes: 100 });
    const problem = await call(target, body, headers);
    expect(problem.headers.get("content-type")).toBe("application/problem+json");
    expect(problem.json).toMatchObject({ type: `urn:pagurus:problem:${code}`, status, code });
    expect(problem.status).toBe(status);
    expect(problem.json.detail).toMatch(/^\S.+\.$/);
  });

  test("of a conflict is 409, with kind and retryability", async () => {
    const { call } = set();
    await call("POST /v1/shells", whelk);
    const { status, json } = await call("POST /v1/shells", whelk);
    expect([status, json.code, json.kind, json.retryable]).toEqual([409, "disk-exists", "conflict", false]);
  });

  test("carries the chain, without secrets, and the request's id", async () => {
    const { call } = set();
    const { json, text, headers } = await call(
      "POST /v1/functions/shells.crack",
      {},
      { "X-Request-Id": "r7" },
    );
    expect([json.chain.task, json.chain.causes[0].task]).toEqual(["shells.crack", "press"]);
    expect(text).not.toContain("hunter22");
    expect([json.instance, headers.get("x-request-id")]).toEqual(["urn:pagurus:request:r7", "r7"]);
  });

  test("says when to come back, how to authenticate, what is allowed", async () => {
    const { call } = set();
    expect((await call("POST /v1/functions/shells.crack", {})).headers.get("retry-after")).toBe("1");
    const refused = await call("GET /v1/shells", undefined, { Authorization: "Bearer x" });
    expect(refused.headers.get("www-authenticate")).toContain("invalid_token");
    const other = await call("PATCH /v1/shells", {});
    expect(other.headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
  });
});

test("without a length the body is limited too", async () => {
  const { edge } = set({ bodyLimitBytes: 100 });
  const chunk = new TextEncoder().encode("x".repeat(60));
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(chunk),
  });
  const request = new Request("http://localhost/v1/shells", { method: "POST", body, duplex: "half" });
  expect((await edge.request(request)).status).toBe(413);
});

test("alive, ready and the document need no token; metrics do", async () => {
  const { call, engine, descriptions } = set();
  const nobody = { Authorization: "" };
  for (const path of ["/healthz", "/readyz", "/openapi.json"])
    expect((await call(`GET ${path}`, undefined, nobody)).status).toBe(200);
  expect((await call("GET /metrics", undefined, nobody)).status).toBe(401);
  const metrics = await call("GET /metrics");
  expect([metrics.text, metrics.headers.get("content-type")]).toEqual([
    "shells 0\n",
    "text/plain; version=0.0.4",
  ]);
  const health = async () => ({ ready: false, version: "0.0.1", details: {} });
  const stopping = createEdge({ ...engine, health }, descriptions, { version: "0.0.1" });
  expect((await stopping.request("/readyz")).status).toBe(503);
});

describe("browsers", () => {
  test("reach it by configured names and from configured origins only", async () => {
    const { call } = set({ allowedHosts: ["Shelf.example"], allowedOrigins: ["https://ui.example"] });
    const from = (headers: Record<string, string>) => call("GET /v1/shells", undefined, headers);
    expect((await from({ Host: "shelf.example:7040" })).status).toBe(200);
    expect((await from({ Host: "[::1]:7040" })).status).toBe(200);
    expect((await from({ Host: "127.0.0.1.evil.example" })).status).toBe(421);
    expect((await from({ Host: "127.0.0.1:7040", Origin: "http://127.0.0.1:7040" })).status).toBe(200);
    expect((await from({ Host: "127.0.0.1:7040", Origin: "http://127.0.0.1:3000" })).status).toBe(403);
    const foreign = await from({ Origin: "https://ui.example" });
    expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([
      200,
      "https://ui.example",
    ]);
    const preflight = await call("OPTIONS /v1/shells", undefined, {
      Origin: "https://ui.example",
      "Access-Control-Request-Method": "POST",
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([
      204,
      "GET,HEAD,POST,PUT,PATCH,DELETE",
    ]);
  });

  test("get security headers, OPTIONS what is allowed, HEAD what GET would say", async () => {
    const { call } = set();
    const head = await call("HEAD /v1/shells");
    expect([head.status, head.text, head.headers.get("x-content-type-options")]).toEqual([
      200,
      "",
      "nosniff",
    ]);
    expect(head.headers.get("cache-control")).toBe("no-store");
    const options = await call("OPTIONS /v1/shells");
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS, POST"]);
  });
});
