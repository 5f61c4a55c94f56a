import { test } from "vitest";
import { isRequired } from "../required.ts";
import { makeBucket, type TestBucket } from "./bucket.ts";
import type { Minio } from "./minio.ts";
import { lackOfMinio, provideMinio } from "./provide.ts";

interface Server {
  readonly minio?: Minio;
  readonly lack?: string;
}

/**
 * A unit test on a real server: it asks for `bucket`, which is its own, or for `minio`. Where there is no server it is
 * skipped with the reason, and fails where `PAGURUS_REQUIRE` demands one.
 */
export const minioTest = test
  .extend<{ $file: { server: Server } }>({
    server: [
      // biome-ignore lint/correctness/noEmptyPattern: it needs no other fixture, which vitest reads off the pattern
      async ({}, use) => {
        const lack = await lackOfMinio();
        if (lack !== undefined) {
          if (!isRequired("minio")) process.stderr.write(`not run on MinIO: ${lack}\n`);
          return use({ lack });
        }
        const minio = await provideMinio();
        await use({ minio });
        await minio.stop();
      },
      { scope: "file" },
    ],
  })
  .extend<{ minio: Minio; bucket: TestBucket }>({
    minio: async ({ server: { minio, lack = "" }, skip }, use) => {
      if (!minio && isRequired("minio")) throw new Error(`PAGURUS_REQUIRE demands minio, but ${lack}`);
      if (!minio) return skip(lack);
      await use(minio);
    },
    bucket: async ({ minio }, use) => {
      const bucket = await makeBucket(minio);
      await use(bucket);
      await bucket.remove();
    },
  });
