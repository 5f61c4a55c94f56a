/**
 * `npm run conform:minio [-- <options of conform>]`: the datastore's features against buckets of a real MinIO, without
 * and with a journal.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBucket } from "./minio/bucket.ts";
import { FaultProxy } from "./minio/faults/proxy.ts";
import type { Minio } from "./minio/minio.ts";
import { lackOfMinio, provideMinio } from "./minio/provide.ts";
import { isRequired } from "./required.ts";

/** The least that can be configured: what isn't flushed reaches the bucket too, in parts. */
const segmentBytes = 64 * 1024;

/** Ends with `conform`'s exit code. */
const conform = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "--silent", "conform", "--", ...args], { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });

const run = async (minio: Minio): Promise<number> => {
  const { url: endpoint, accessKey, secretKey } = minio;
  const buckets = [await makeBucket(minio), await makeBucket(minio)] as const;
  const folder = await mkdtemp(join(tmpdir(), "pagurus-"));
  // Another name of the server: to the datastore another host, which has nothing to do with the writers of this one.
  const elsewhere = await FaultProxy.start(endpoint);
  try {
    const [plain, journaled] = buckets.map(({ name: bucket }) => ({
      ...{ plugin: "datastore-minio", endpoint, bucket, accessKey, secretKey, segmentBytes },
    }));
    const datastores = {
      bucket: plain,
      "bucket-and-journal": { ...journaled, prefix: "disks", journal: "{tmp}" },
    };
    const file = join(folder, "pagurus.yaml");
    await writeFile(file, JSON.stringify({ datastores }), { mode: 0o600 });
    const otherHost = `endpoint=${elsewhere.url}`;
    return await conform(["--config", file, "--other-host", otherHost, ...process.argv.slice(2)]);
  } finally {
    await elsewhere.stop();
    await rm(folder, { recursive: true });
    for (const bucket of buckets) await bucket.remove();
  }
};

const lack = await lackOfMinio();
if (lack !== undefined && !isRequired("minio")) {
  process.stdout.write(`not run: ${lack}\n0 passed, 0 failed, 1 skipped\n`);
  process.exit();
}
const minio = await provideMinio();
try {
  process.exitCode = await run(minio);
} finally {
  await minio.stop();
}
