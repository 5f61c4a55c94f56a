import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "pagurus/testing";
import { describe, expect, test } from "vitest";
import { impatientClock } from "./testing/impatient-clock.ts";
import { s3Bucket } from "./testing/s3-bucket.ts";
import {
  type Act,
  cutOff,
  hangUp,
  keepSilent,
  ok,
  s3Error,
  scriptedServer,
} from "./testing/scripted-server.ts";

const bucket = "a-bucket";
const bytes = Buffer.from("what a guest wrote");

const page =
  (status: number, text: string): Act =>
  (answer) => {
    answer.writeHead(status).end(text);
  };

describe("what passes is outlasted", () => {
  const passing: Record<string, Act> = {
    "an internal error": s3Error(500, "InternalError"),
    "a server that starts": s3Error(503, "XMinioServerNotInitialized"),
    "a gateway without its server": page(502, "<html>Bad Gateway</html>"),
    "a server with too much to do": s3Error(429, "TooManyRequests"),
    "a request that was too slow for the server": s3Error(408, "RequestTimeout"),
    "writers that met": s3Error(409, "ConditionalRequestConflict"),
    "bytes that were damaged on their way": s3Error(400, "XAmzContentChecksumMismatch"),
    "a lost connection": hangUp,
  };
  test.each(Object.entries(passing))("%s: the same bytes are sent again", async (_, act) => {
    await using server = await scriptedServer(act, act, ok());
    await using used = s3Bucket(server, { bucket }, impatientClock());
    expect(await used.objects.put("key", [bytes])).toBe("made");
    expect(server.seen.map(({ body }) => body.toString())).toEqual(Array(3).fill(bytes.toString()));
    expect(used.tally.counts).toMatchObject({ requests: { put: 3 }, bytesSent: 3 * bytes.length });
  });

  test("a silent server is asked again when the request's time is over", async () => {
    await using server = await scriptedServer(keepSilent, ok("content"));
    await using used = s3Bucket(server, { bucket, requestTimeoutMs: 100 }, impatientClock());
    expect((await used.objects.get("key"))?.toString()).toBe("content");
    expect(server.seen).toHaveLength(2);
  });

  test("an answer that was cut off is asked for again", async () => {
    await using server = await scriptedServer(cutOff("cont"), ok("content"));
    await using used = s3Bucket(server, { bucket }, impatientClock());
    expect((await used.objects.get("key"))?.toString()).toBe("content");
    expect(used.tally.counts).toMatchObject({ requests: { get: 2 }, bytesReceived: 7 });
  });

  test("a server is given the time that it asks for", async () => {
    const clock = impatientClock();
    await using server = await scriptedServer(s3Error(503, "SlowDown", { "retry-after": "7" }), ok());
    await using used = s3Bucket(server, { bucket }, clock);
    await used.objects.put("key", [bytes]);
    expect(clock.slept).toEqual([7000]);
  });

  test("objects that a server failed to remove are removed again", async () => {
    const removed = (inner: string) => ok(`<DeleteResult>${inner}</DeleteResult>`);
    const failed = "<Error><Key>b</Key><Code>InternalError</Code><Message>no</Message></Error>";
    await using server = await scriptedServer(removed(failed), removed(""));
    await using used = s3Bucket(server, { bucket }, impatientClock());
    await used.objects.remove(["a", "b"]);
    expect(server.seen).toHaveLength(2);
  });

  test("a copy whose failure comes in a good answer is made again", async () => {
    const made = "<CopyObjectResult><ETag>&quot;1&quot;</ETag></CopyObjectResult>";
    await using server = await scriptedServer(ok("<Error><Code>InternalError</Code></Error>"), ok(made));
    await using used = s3Bucket(server, { bucket }, impatientClock());
    expect(await used.objects.copy("a", "b")).toBe(true);
  });
});

test("a PUT whose answer was lost meets its own object", async () => {
  await using server = await scriptedServer(hangUp, s3Error(412, "PreconditionFailed"));
  await using used = s3Bucket(server, { bucket }, impatientClock());
  expect(await used.objects.put("key", [bytes])).toBe("exists");
  expect(server.seen.map(({ headers }) => headers["if-none-match"])).toEqual(["*", "*"]);
});

test("slow is not dead: while bytes come, no time is over", async () => {
  await using server = await scriptedServer((answer) => {
    answer.writeHead(200, { "content-length": 6 });
    const send = (left: number): void => {
      answer.write("x");
      if (left > 1) setTimeout(send, 300, left - 1);
      else answer.end();
    };
    send(6);
  });
  await using used = s3Bucket(server, { bucket, requestTimeoutMs: 1000 });
  expect((await used.objects.get("key"))?.toString()).toBe("xxxxxx");
  expect(server.seen).toHaveLength(1);
});

test("a transfer too slow to be of use is given up, though no silence is long", async () => {
  const clock = new FakeClock();
  const asked = new EventEmitter();
  const first = once(asked, "first");
  await using server = await scriptedServer(() => void asked.emit("first"), ok("content"));
  await using used = s3Bucket(server, { bucket, requestTimeoutMs: 25_000 }, clock);
  const read = used.objects.get("key", { length: 2 ** 20 });
  await first;
  clock.advance(25_000 + 16_000 - 1);
  expect(clock.waiting).toBeGreaterThan(0);
  expect(server.seen).toHaveLength(1);
  clock.advance(1);
  for (; server.seen.length < 2; clock.advance(1)) await new Promise((resolve) => setImmediate(resolve));
  expect((await read)?.toString()).toBe("content");
});

test("a connection that the server ended meanwhile is replaced at once", async () => {
  const clock = impatientClock();
  await using server = await scriptedServer(ok("1"), hangUp, ok("2"), s3Error(503, "SlowDown"), ok("3"));
  await using used = s3Bucket(server, { bucket }, clock);
  await used.objects.get("key");
  expect((await used.objects.get("key"))?.toString()).toBe("2");
  expect(clock.slept).toEqual([]);
  expect((await used.objects.get("key"))?.toString()).toBe("3");
  expect(clock.slept).toHaveLength(1);
});

test("after the store's deadline a call says what the store failed with", async () => {
  await using server = await scriptedServer(s3Error(503, "SlowDown"));
  await using used = s3Bucket(server, { bucket, storeDeadlineMs: 60_000 }, impatientClock());
  await expect(used.objects.get("key")).rejects.toMatchObject({
    code: "datastore-unavailable",
    data: { datastore: "minio", reason: expect.stringContaining("SlowDown") },
  });
  expect(server.seen.length).toBeGreaterThan(60);
});

test("a connection is used again after the server had too much to do", async () => {
  const ports = new Set<number | undefined>();
  const busy = s3Error(503, "SlowDown");
  await using server = await scriptedServer((answer, seen) => {
    ports.add(answer.socket?.remotePort);
    return (ports.size > 1 ? ok() : busy)(answer, seen);
  });
  await using used = s3Bucket(server, { bucket, storeDeadlineMs: 10_000 }, impatientClock());
  await expect(used.objects.get("key")).rejects.toMatchObject({ code: "datastore-unavailable" });
  expect(server.seen.length).toBeGreaterThan(5);
});

test("where nobody listens, a call with a deadline of its own ends", async () => {
  const server = await scriptedServer(ok());
  await server[Symbol.asyncDispose]();
  await using used = s3Bucket(server, { bucket }, impatientClock());
  await expect(used.objects.get("key", { deadlineMs: 2000 })).rejects.toMatchObject({
    code: "datastore-unavailable",
    data: { reason: expect.stringContaining("ECONNREFUSED") },
  });
});

test("an answer that comes slowly outlasts a deadline for those that don't come", async () => {
  const clock = new FakeClock();
  await using server = await scriptedServer((answer) => {
    answer.writeHead(200, { "content-length": 4 });
    answer.write("ab", () => {
      clock.advance(20_000);
      answer.end("cd");
    });
  });
  await using used = s3Bucket(server, { bucket }, clock);
  expect((await used.objects.get("key", { deadlineMs: 9000 }))?.toString()).toBe("abcd");
  expect(server.seen).toHaveLength(1);
});

test("the caller's signal ends a request under way, and its connection", async () => {
  const abort = new AbortController();
  const ends = new EventEmitter();
  const closed = once(ends, "close");
  await using server = await scriptedServer((answer) => {
    answer.socket?.once("close", () => ends.emit("close"));
    abort.abort(new Error("the pause is over"));
  });
  await using used = s3Bucket(server, { bucket });
  await expect(used.objects.get("key", { signal: abort.signal })).rejects.toThrow("the pause is over");
  await closed;
  expect(server.seen).toHaveLength(1);
});

test("nothing waits for a store that was closed", async () => {
  const used: ReturnType<typeof s3Bucket>[] = [];
  await using server = await scriptedServer(async () => used[0]?.store.close());
  used.push(s3Bucket(server, { bucket }));
  await expect(used[0]?.objects.get("key")).rejects.toMatchObject({ code: "call-interrupted" });
});

test("a server that ignores ranges is read right all the same", async () => {
  await using server = await scriptedServer(ok("0123456789"));
  await using used = s3Bucket(server, { bucket });
  expect((await used.objects.get("key", { offset: 2, length: 3 }))?.toString()).toBe("234");
});

describe("what waiting doesn't mend is said at once", () => {
  const html = page(404, "<html>Not Found</html>");
  const wantsTls = page(400, "Client sent an HTTP request to an HTTPS server.\n");
  const cases: readonly (readonly [string, Act, string, Record<string, unknown>])[] = [
    ["credentials", s3Error(403, "InvalidAccessKeyId"), "bucket-access-denied", { bucket, object: "p/key" }],
    ["expired credentials", s3Error(400, "ExpiredToken"), "bucket-access-denied", { bucket }],
    ["a missing bucket", s3Error(404, "NoSuchBucket"), "bucket-not-found", { bucket }],
    ["another region", s3Error(400, "AuthorizationHeaderMalformed"), "bucket-region-wrong", { bucket }],
    ["a full disk", s3Error(507, "XMinioStorageFull"), "no-space", { bucket, neededBytes: bytes.length }],
    ["a quota", s3Error(400, "XMinioAdminBucketQuotaExceeded"), "no-space", { object: "p/key" }],
    ["another kind of server", html, "bucket-endpoint-wrong", { bucket }],
    ["plain HTTP where TLS is spoken", wantsTls, "bucket-endpoint-wrong", { bucket }],
    ["what it can't do", s3Error(501, "NotImplemented"), "bucket-refused", { object: "p/key" }],
  ];
  test.each(cases)("%s", async (_, act, code, data) => {
    await using server = await scriptedServer(act);
    await using used = s3Bucket(server, { bucket, prefix: "p" }, impatientClock());
    await expect(used.objects.put("key", [bytes])).rejects.toMatchObject({ code, data });
    expect(server.seen).toHaveLength(1);
  });

  test("a missing page of another server is no missing object", async () => {
    await using server = await scriptedServer(html);
    await using used = s3Bucket(server, { bucket });
    await expect(used.objects.get("key")).rejects.toMatchObject({ code: "bucket-endpoint-wrong" });
  });

  test("a page of another server is no empty list", async () => {
    await using server = await scriptedServer(ok("<html></html>"));
    await using used = s3Bucket(server, { bucket });
    const list = used.objects.list("")[Symbol.asyncIterator]();
    await expect(list.next()).rejects.toMatchObject({ code: "bucket-endpoint-wrong" });
  });

  test("an object that may not be removed is named", async () => {
    const refusal = "<Error><Key>b</Key><Code>AccessDenied</Code><Message>WORM</Message></Error>";
    await using server = await scriptedServer(ok(`<DeleteResult>${refusal}</DeleteResult>`));
    await using used = s3Bucket(server, { bucket });
    await expect(used.objects.remove(["a", "b"])).rejects.toMatchObject({
      code: "bucket-access-denied",
      data: { reason: expect.stringContaining("b: WORM") },
    });
  });

  test("clocks that are apart, by how much", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    await using server = await scriptedServer(s3Error(403, "RequestTimeTooSkewed", { date }));
    await using used = s3Bucket(server, { bucket });
    const failure = await used.objects.get("key").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "bucket-clock-skewed", data: { bucket } });
    const { data } = failure as { data: { skewSeconds: number } };
    expect(Math.abs(data.skewSeconds - 3600)).toBeLessThan(60);
  });

  test("TLS where the server speaks none", async () => {
    await using server = await scriptedServer(ok());
    await using used = s3Bucket({ url: server.url.replace("http:", "https:") }, { bucket });
    await expect(used.objects.get("key")).rejects.toMatchObject({
      code: "bucket-tls-refused",
      data: { bucket },
    });
  });

  test("what speaks no HTTP", async () => {
    const server = createServer((socket) =>
      socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n"),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await using used = s3Bucket({ url: `http://127.0.0.1:${port}` }, { bucket });
    await expect(used.objects.get("key")).rejects.toMatchObject({ code: "bucket-endpoint-wrong" });
    server.close();
  });
});

describe("credentials of a file", () => {
  const withFile = async (use: (path: string, write: (key: string) => Promise<void>) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), "pagurus-credentials-"));
    const path = join(folder, "credentials.json");
    const write = (accessKey: string) =>
      writeFile(path, JSON.stringify({ accessKey, secretKey: "a secret" }));
    await use(path, write).finally(() => rm(folder, { recursive: true }));
  };

  test("are read again when the server refuses them, and not for ever", () =>
    withFile(async (credentialsFile, write) => {
      await write("first");
      await using server = await scriptedServer(
        ok("1"),
        async (answer, seen) => {
          await write("second");
          await s3Error(403, "InvalidAccessKeyId")(answer, seen);
        },
        ok("2"),
        s3Error(400, "ExpiredToken"),
      );
      await using used = s3Bucket(server, { bucket, credentialsFile }, impatientClock());
      expect((await used.objects.get("key"))?.toString()).toBe("1");
      expect((await used.objects.get("key"))?.toString()).toBe("2");
      await expect(used.objects.get("key")).rejects.toMatchObject({ code: "bucket-access-denied" });
      const signers = server.seen.map(
        ({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1],
      );
      expect(signers).toEqual(["first", "first", "second", "second"]);
    }));

  test("that can't be read name the file, and show nothing of it", () =>
    withFile(async (credentialsFile) => {
      await writeFile(credentialsFile, '{"secretKey": "hush hush"');
      await using server = await scriptedServer(ok());
      await using used = s3Bucket(server, { bucket, credentialsFile });
      const failure = await used.objects.get("key").catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "bucket-credentials-unreadable",
        data: { path: credentialsFile, bucket },
      });
      expect(String(failure)).not.toContain("hush");
    }));
});
