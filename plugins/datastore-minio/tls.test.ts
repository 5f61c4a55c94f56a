import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { s3Bucket } from "./testing/s3-bucket.ts";
import { selfSigned } from "./testing/self-signed.ts";

const bucket = "a-bucket";
const server = createServer(selfSigned, (request, answer) => {
  request.resume();
  answer.writeHead(200, { "content-length": 7 }).end("content");
});
let folder = "";
let url = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-tls-"));
  await writeFile(join(folder, "ca.pem"), selfSigned.cert);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

test("a server whose certificate nobody vouches for is refused", async () => {
  await using used = s3Bucket({ url }, { bucket });
  await expect(used.objects.get("key")).rejects.toMatchObject({
    code: "bucket-tls-refused",
    data: { bucket, endpoint: url, reason: expect.stringContaining("SELF_SIGNED") },
  });
});

test("an authority of one's own is believed where it is named", async () => {
  await using used = s3Bucket({ url }, { bucket, caFile: join(folder, "ca.pem") });
  expect((await used.objects.get("key"))?.toString()).toBe("content");
});

test("a file of certificates that isn't there is named", async () => {
  const caFile = join(folder, "missing.pem");
  await using used = s3Bucket({ url }, { bucket, caFile });
  await expect(used.objects.get("key")).rejects.toMatchObject({
    code: "bucket-ca-unreadable",
    data: { path: caFile, endpoint: url },
  });
});
