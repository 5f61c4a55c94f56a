import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { CodedError, type Engine, type FunctionDescription, type Invocation, z } from "../contract/index.ts";
import { type Codebook, createCodebook } from "../observations/codebook.ts";
import { eventsResponse } from "./events.ts";
import { hostGuard, originGuard } from "./guards.ts";
import { bodyInput, routeInput } from "./input.ts";
import { openApiOf } from "./openapi.ts";
import { problemOf, problemResponse } from "./problem.ts";

const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;

/** What the edge is told besides its engine. */
export interface EdgeOptions {
  /** As health checks and the OpenAPI document tell it. */
  readonly version: string;
  /** Names besides those of this machine under which the server is called, `name` or `name:port`. */
  readonly allowedHosts?: readonly string[];
  /** Origins, such as `https://example.org`, whose pages may call. */
  readonly allowedOrigins?: readonly string[];
  /** Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** With the plugins' own codes; by default ours only. */
  readonly codebook?: Codebook;
}

/**
 * The HTTP door, made from descriptions alone: it translates, and the engine decides. Uses Web APIs only, so that it
 * runs in an edge runtime before a remote engine. Pages may be mounted on the answer until its first request.
 */
export const createEdge = (
  engine: Engine,
  functions: readonly FunctionDescription[],
  options: EdgeOptions,
): Hono => {
  const { version, codebook = createCodebook(), bodyLimitBytes = DEFAULT_BODY_LIMIT_BYTES } = options;
  const app = new Hono();
  const descriptionByName = new Map(functions.map((description) => [description.name, description]));

  app.use(requestId());
  app.use(secureHeaders({ strictTransportSecurity: false }));
  app.use(async function commonHeaders(c, next) {
    await next();
    c.res.headers.set("X-Request-Id", c.get("requestId"));
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  });
  app.use(hostGuard(options.allowedHosts ?? []));
  app.use(originGuard(options.allowedOrigins ?? []));
  app.use(bodyLimit({ maxSize: bodyLimitBytes, onError: () => refuseBody(bodyLimitBytes) }));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, methods) {
        const allowed = [...methods, "OPTIONS"].toSorted().join(", ");
        if (c.req.method === "OPTIONS")
          return new Response(null, { status: 204, headers: { Allow: allowed } });
        const { method, path } = c.req;
        const answer = problemResponse(
          c,
          new CodedError("method-not-allowed", { method, path, allowed }),
          codebook,
        );
        answer.headers.set("Allow", allowed);
        return answer;
      },
    }),
  );
  app.onError((error, c) => problemResponse(c, error, codebook));
  app.notFound((c) => problemResponse(c, new CodedError("route-not-found", { path: c.req.path }), codebook));

  const invoke = (c: Context, name: string, input: unknown) => {
    const idempotencyKey = c.req.header("idempotency-key");
    return engine.invoke(name, input, {
      token: tokenOf(c),
      signal: c.req.raw.signal,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  };

  app.get("/healthz", (c) => c.json({ status: "alive", version }));
  app.get("/readyz", async (c) => {
    const health = await engine.health();
    return c.json(health, health.ready ? 200 : 503);
  });
  const document = openApiOf(functions, version);
  app.get("/openapi.json", (c) => c.json(document));
  app.get("/v1/events", (c) =>
    eventsResponse(c, engine, tokenOf(c), (error) =>
      JSON.stringify(problemOf(error, c.get("requestId"), codebook)),
    ),
  );
  if (descriptionByName.has("metrics.read"))
    app.get("/metrics", async (c) => metricsResponse(await invoke(c, "metrics.read", {})));

  app.post("/v1/functions/:function", async (c) => {
    const name = c.req.param("function");
    return answerResponse(await invoke(c, name, await bodyInput(c, name)), descriptionByName.get(name));
  });
  // A fixed segment sorts before a parameter in its place, and so wins.
  const pathOf = ({ http }: FunctionDescription) => http?.path ?? "";
  const routed = functions.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : Number(pathOf(a) > pathOf(b))));
  for (const description of routed) {
    const { http, name } = description;
    if (http === undefined) continue;
    app.on(http.method, http.path.replace(/\{(\w+)\}/g, ":$1"), async (c) =>
      answerResponse(await invoke(c, name, await routeInput(c, description)), description),
    );
  }
  return app;
};

const refuseBody = (limitBytes: number): never => {
  throw new CodedError("body-too-large", { limitBytes });
};

/** Never undefined, which would be a call of our own process. */
const tokenOf = (c: Context): string | null =>
  /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? null;

const answerResponse = (answer: Invocation, description: FunctionDescription | undefined): Response => {
  const { kind, output, location, replayed } = answer;
  const headers = {
    "Content-Type": "application/json",
    ...(location !== undefined && { Location: location }),
    ...(replayed && { "Idempotency-Replayed": "true" }),
  };
  const status = kind === "job" ? 202 : description?.creates ? 201 : 200;
  return new Response(JSON.stringify(output ?? null), { status, headers });
};

const Metrics = z.object({ contentType: z.string(), text: z.string() });

const metricsResponse = ({ output }: Invocation): Response => {
  const { contentType, text } = Metrics.parse(output);
  return new Response(text, { headers: { "Content-Type": contentType } });
};
