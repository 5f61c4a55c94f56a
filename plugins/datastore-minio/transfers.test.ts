import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { makeBucket } from "../../scripts/minio/bucket.ts";
import { startMinio } from "../../scripts/minio/provide.ts";
import { minioTest } from "../../scripts/minio/vitest.ts";
import { impatientClock } from "./testing/impatient-clock.ts";
import { s3Bucket } from "./testing/s3-bucket.ts";

const MiB = 2 ** 20;

/** Takes connections until its scope ends; `take` is told which one it is. */
async function connections(take: (socket: Socket, number: number) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    take(socket, sockets.size);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

minioTest("bytes that are damaged on their way never become an object", async ({ bucket, minio }) => {
  const { hostname, port } = new URL(minio.url);
  let damaged = 0;
  await using way = await connections((socket, number) => {
    const server = connect(Number(port), hostname).on("error", () => undefined);
    server.pipe(socket);
    socket.on("end", () => server.end());
    socket.on("data", (bytes) => {
      if (number === 1 && damaged === 0 && bytes.at(-1) === 0x61) {
        damaged += 1;
        bytes[bytes.length - 1] = 0x62;
      }
      server.write(bytes);
    });
  });
  await using used = s3Bucket({ ...minio, url: way.url }, { bucket: bucket.name }, impatientClock());
  const body = Buffer.alloc(MiB, "a");
  expect(await used.objects.put("key", [body])).toBe("made");
  expect(damaged).toBe(1);
  expect(used.tally.counts.requests.put).toBe(2);
  expect((await used.objects.get("key"))?.equals(body)).toBe(true);
});

minioTest("bytes that were damaged in memory are not sent for ever", async ({ bucket, minio }) => {
  await using used = s3Bucket(minio, { bucket: bucket.name }, impatientClock());
  const body = Buffer.alloc(MiB, "a");
  const intact = crc32(body);
  body[1000] = 0x62;
  await expect(used.objects.put("key", [body], { crc32: intact })).rejects.toMatchObject({
    code: "memory-damaged",
  });
  expect(await used.objects.get("key")).toBeUndefined();
});

minioTest("wrong credentials are heard of while megabytes are under way", async ({ bucket, minio }) => {
  await using used = s3Bucket({ ...minio, secretKey: "another secret" }, { bucket: bucket.name });
  await expect(used.objects.put("key", [Buffer.alloc(8 * MiB)])).rejects.toMatchObject({
    code: "bucket-access-denied",
    data: { bucket: bucket.name, object: "key", reason: expect.stringContaining("SignatureDoesNotMatch") },
  });
  expect(used.tally.counts.requests.put).toBe(1);
});

minioTest(
  "what waits for a server that was killed is there when it has come back",
  async ({ minio: { how } }) => {
    expect(how).not.toBe("");
    const own = await startMinio();
    try {
      const { name } = await makeBucket(own);
      await using used = s3Bucket(own, { bucket: name });
      await used.objects.put("before", [Buffer.from("kept")]);
      await own.kill();
      const bodies = Array.from({ length: 4 }, (_, index) => Buffer.alloc(MiB, index));
      const puts = Promise.all(bodies.map((body, index) => used.objects.put(`key ${index}`, [body])));
      const read = used.objects.get("before");
      await own.start();
      expect(await puts).toEqual(["made", "made", "made", "made"]);
      expect((await read)?.toString()).toBe("kept");
      for (const [index, body] of bodies.entries())
        expect((await used.objects.get(`key ${index}`))?.equals(body)).toBe(true);
    } finally {
      await own.stop();
    }
  },
);

test("a server that takes no more bytes is given up, and asked again", async () => {
  const got: number[] = [];
  const http = createHttpServer(async (request, answer) => {
    got.push((await buffer(request)).length);
    answer.end();
  });
  await using way = await connections((socket, number) => {
    if (number > 1) http.emit("connection", socket);
    else socket.pause();
  });
  await using used = s3Bucket(way, { bucket: "a-bucket", requestTimeoutMs: 300 }, impatientClock());
  expect(await used.objects.put("key", [Buffer.alloc(16 * MiB)])).toBe("made");
  expect(got).toEqual([16 * MiB]);
});
