import { afterEach, describe, expect, test, vi } from "vitest";
import { isRequired } from "../required.ts";
import { clientOf } from "./bucket.ts";
import { containerEngine, imageOf, MinioContainer } from "./container.ts";
import { FaultProxy } from "./faults/proxy.ts";
import type { OwnMinio } from "./minio.ts";
import { findBinary } from "./place.ts";
import { MinioProcess } from "./process.ts";
import { lackOfMinio, provideMinio, startMinio } from "./provide.ts";
import { minioTest } from "./vitest.ts";

const binary = await findBinary();
const engine = await containerEngine().catch(() => undefined);

interface Form {
  readonly name: string;
  readonly part: string;
  readonly there: boolean;
  start(): Promise<OwnMinio>;
}

const forms: readonly Form[] = [
  {
    name: "MinIO as a process",
    part: "minio",
    there: binary !== undefined,
    start: () => MinioProcess.start(binary ?? "minio"),
  },
  {
    name: "MinIO in a container",
    part: "docker",
    there: binary !== undefined && engine !== undefined,
    start: async () => MinioContainer.start(await imageOf(binary ?? "minio")),
  },
];

/** Building the image, on a slow disk, takes longer than anything else here. */
const FORM_MS = 180_000;

for (const { name, part, there, start } of forms) {
  const skipped = !there && !isRequired(part);
  if (skipped)
    process.stderr.write(`not run: ${name}, for want of ${binary ? "a Docker engine" : "MinIO"}\n`);
  describe.skipIf(skipped)(name, { timeout: FORM_MS }, () => {
    test("keeps conditional PUTs apart, and what it has when it is killed and started again", async () => {
      const minio = await start();
      try {
        const client = clientOf(minio);
        await client.makeBucket("bucket");
        const put = (text: string) =>
          client.putObject("bucket", "key", Buffer.from(text), text.length, { "If-None-Match": "*" });
        const won = await Promise.allSettled([put("a"), put("b")]);
        expect(won.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
        await minio.kill();
        await expect(fetch(minio.url)).rejects.toThrow();
        await minio.start();
        await expect(put("c")).rejects.toMatchObject({ code: "PreconditionFailed" });
      } finally {
        await minio.stop();
      }
      await expect(fetch(minio.url)).rejects.toThrow();
    });

    test("answers nothing while it is paused, and ends all the same", async () => {
      const minio = await start();
      try {
        await minio.pause();
        let answered = false;
        const answer = fetch(minio.url).then(() => {
          answered = true;
        });
        await expect(fetch(minio.url, { signal: AbortSignal.timeout(200) })).rejects.toThrow("timeout");
        expect(answered).toBe(false);
        await minio.resume();
        await answer;
        await minio.pause();
      } finally {
        await minio.stop();
      }
    });
  });
}

minioTest("signed requests pass the fault proxy", async ({ minio, bucket: { name } }) => {
  const proxy = await FaultProxy.start(minio.url);
  const client = clientOf({ ...minio, url: proxy.url });
  const lost = proxy.loseAnswers({ method: "PUT", key: /^a b\/ü$/, times: 1 });
  const put = (text: string) =>
    client.putObject(name, "a b/ü", Buffer.from(text), text.length, { "If-None-Match": "*" });
  // The minio client repeats it by itself, and meets what it has put.
  await expect(put("first")).rejects.toThrow();
  expect((await lost.next()).status).toBe(200);
  await expect(put("second")).rejects.toMatchObject({ code: "PreconditionFailed" });
  await proxy.stop();
});

describe("where MinIO comes from", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("an address that is given is used as it is", async () => {
    vi.stubEnv("PAGURUS_MINIO_URL", "https://key:se%2Fcret@store.example:9443");
    expect(await provideMinio()).toMatchObject({
      url: "https://store.example:9443",
      accessKey: "key",
      secretKey: "se/cret",
    });
    expect(await lackOfMinio()).toBeUndefined();
  });

  test.each(["store.example:9443", "http://store.example", "http://key:secret@store.example/bucket"])(
    "the address %s is refused",
    async (url) => {
      vi.stubEnv("PAGURUS_MINIO_URL", url);
      await expect(provideMinio()).rejects.toThrow("PAGURUS_MINIO_URL is to be http://");
    },
  );

  test("where there is none, it is said how to get one, and nothing is built unasked", async () => {
    for (const name of ["PAGURUS_MINIO_URL", "PAGURUS_MINIO_BINARY", "PAGURUS_MINIO_IMAGE", "PATH"])
      vi.stubEnv(name, "");
    vi.stubEnv("PAGURUS_MINIO_CACHE", "/nowhere");
    vi.stubEnv("PAGURUS_MINIO_FORM", "process");
    expect(await lackOfMinio()).toContain("npm run minio");
    await expect(startMinio()).rejects.toThrow("npm run minio");
  });

  test("an unknown form and a binary that isn't one are refused", async () => {
    vi.stubEnv("PAGURUS_MINIO_FORM", "vm");
    await expect(startMinio()).rejects.toThrow("container or process");
    vi.stubEnv("PAGURUS_MINIO_FORM", "process");
    vi.stubEnv("PAGURUS_MINIO_BINARY", "/dev/null");
    await expect(startMinio()).rejects.toThrow("/dev/null");
  });
});
