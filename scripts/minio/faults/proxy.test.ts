import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { FaultProxy } from "./proxy.ts";

/** Keeps what is PUT, except at `hasty`, answers it to a GET, and lists what it was asked in order. */
const startServer = async () => {
  const objects = new Map<string, string>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "" } = request;
    asked.push(`${method} ${url}`);
    if (url.endsWith("hasty")) return response.writeHead(412).end();
    const body = (await buffer(request)).toString();
    if (method === "PUT") objects.set(url, body);
    response.setHeader("x-host", request.headers.host ?? "");
    response.statusCode = method === "GET" && !objects.has(url) ? 404 : 200;
    response.end(method === "GET" ? objects.get(url) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, objects, asked, stop };
};

const setUp = async () => {
  const server = await startServer();
  const proxy = await FaultProxy.start(server.url);
  onTestFinished(() => proxy.stop());
  const put = (key: string, body: string, signal?: AbortSignal) =>
    fetch(`${proxy.url}/bucket/${key}`, { method: "PUT", body, ...(signal && { signal }) });
  const get = (key: string) => fetch(`${proxy.url}/bucket/${key}`);
  return { server, proxy, put, get };
};

test("requests and answers pass, with the host that the client sent", async () => {
  const { proxy, put, get } = await setUp();
  const { headers } = await put("a", "content");
  expect(headers.get("x-host")).toBe(new URL(proxy.url).host);
  expect(await (await get("a")).text()).toBe("content");
  expect((await get("b")).status).toBe(404);
});

test("a body larger than any buffer passes whole", async () => {
  const { put, get } = await setUp();
  const body = "0123456789abcdef".repeat(512 * 1024);
  await put("a", body);
  expect((await (await get("a")).text()) === body).toBe(true);
});

test("every request can be made to wait", async () => {
  const { proxy, put } = await setUp();
  proxy.delayMs = 50;
  const beganMs = performance.now();
  await put("a", "late");
  // Timers count whole milliseconds.
  expect(performance.now() - beganMs).toBeGreaterThan(proxy.delayMs - 2);
});

test("a request is held before the server sees it", async () => {
  const { server, proxy, put, get } = await setUp();
  const hold = proxy.holdRequests({ method: "PUT", key: /^logs\/7$/ });
  const answered = put("logs%2F7", "held");
  const held = await hold.next();
  await put("logs/8", "passes");
  expect(held.line).toMatchObject({ method: "PUT", bucket: "bucket", key: "logs/7" });
  expect(`${held.body}`).toBe("held");
  expect((await get("logs%2F7")).status).toBe(404);
  expect((await held.release()).status).toBe(200);
  expect((await answered).status).toBe(200);
  expect(server.objects.get("/bucket/logs%2F7")).toBe("held");
});

test("a held request reaches the server though its client is gone", async () => {
  const { server, proxy, put } = await setUp();
  const hold = proxy.holdRequests({ method: "PUT" });
  const client = new AbortController();
  const answered = put("a", "late", client.signal);
  const held = await hold.next();
  client.abort();
  await expect(answered).rejects.toThrow();
  expect((await held.release()).status).toBe(200);
  expect(server.objects.get("/bucket/a")).toBe("late");
});

test("a client whose held request is hung up on sees a lost connection; the server sees nothing", async () => {
  const { server, proxy, put } = await setUp();
  const hold = proxy.holdRequests({ method: "PUT" });
  const answered = expect(put("a", "never")).rejects.toThrow();
  (await hold.next()).hangUp();
  await answered;
  expect(server.asked).toEqual([]);
});

test("a held request whose server is gone is lost to its client too", async () => {
  const { server, proxy, put } = await setUp();
  const hold = proxy.holdRequests({});
  const answered = expect(put("a", "never")).rejects.toThrow();
  const held = await hold.next();
  server.stop();
  await expect(held.release()).rejects.toThrow("ECONNREFUSED");
  await answered;
});

test("the answer of a server that doesn't wait for the whole body comes through", async () => {
  const { put } = await setUp();
  expect((await put("hasty", "0123456789abcdef".repeat(512 * 1024))).status).toBe(412);
});

test("an answer is held once the server has done what was asked for", async () => {
  const { server, proxy, put } = await setUp();
  const hold = proxy.holdAnswers({ method: "PUT" });
  let answered = false;
  const put1 = put("a", "done").then(() => {
    answered = true;
  });
  const held = await hold.next();
  expect([answered, server.objects.get("/bucket/a")]).toEqual([false, "done"]);
  held.release();
  await put1;
});

test("an answer is lost after the server has done what was asked for, so many times", async () => {
  const { server, proxy, put } = await setUp();
  const fault = proxy.loseAnswers({ method: "PUT", times: 1 });
  await expect(put("a", "first")).rejects.toThrow();
  expect((await fault.next()).status).toBe(200);
  expect(server.objects.get("/bucket/a")).toBe("first");
  expect((await put("a", "second")).status).toBe(200);
  expect(fault.count).toBe(1);
});

test("an answer is cut in the middle", async () => {
  const { proxy, put, get } = await setUp();
  await put("a", "0123456789");
  proxy.loseAnswers({ method: "GET", afterBytes: 4 });
  const answer = await get("a");
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
});

test("a request is lost before the server sees it", async () => {
  const { server, proxy, put } = await setUp();
  proxy.loseRequests({ method: "PUT" });
  await expect(put("a", "never")).rejects.toThrow();
  expect(server.asked).toEqual([]);
});

test("the server's refusal is played, with its code, until the fault is stopped", async () => {
  const { server, proxy, put } = await setUp();
  const fault = proxy.refuse({ method: "PUT" }, { status: 503 });
  const refused = await put("a", "never");
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("<Code>SlowDown<")]);
  expect(server.asked).toEqual([]);
  fault.stop();
  expect((await put("a", "now")).status).toBe(200);
});

test("a server that is down cuts its connections and comes back at the same address", async () => {
  const { proxy, put } = await setUp();
  const hold = proxy.holdRequests({ times: 1 });
  const cut = expect(put("a", "cut")).rejects.toThrow();
  await hold.next();
  await proxy.goDown();
  await cut;
  await expect(put("a", "refused")).rejects.toThrow();
  await proxy.comeUp();
  expect((await put("a", "again")).status).toBe(200);
});

test("a watch counts what a fault is for as well", async () => {
  const { proxy, put } = await setUp();
  const [watch] = [proxy.watch({ method: "PUT", key: /^a$/ }), proxy.refuse({}, { status: 500 })];
  await put("a", "");
  await put("b", "");
  expect([watch.count, (await watch.next()).key]).toEqual([1, "a"]);
});

test("who waits for something that can't happen any more is told", async () => {
  const { proxy } = await setUp();
  const waiting = expect(proxy.holdRequests({}).next()).rejects.toThrow("has ended");
  await proxy.stop();
  await waiting;
});
