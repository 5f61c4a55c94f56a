import { fileURLToPath } from "node:url";
import { clientOf, makeBucket, type TestBucket } from "../../scripts/minio/bucket.ts";
import type { Minio } from "../../scripts/minio/minio.ts";
import { provideMinio } from "../../scripts/minio/provide.ts";
import type { JsonObject } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { projectFolder } from "../common/built.ts";
import { startProgram } from "../common/program.ts";
import type { Undo } from "../common/undo.ts";
import { DELAY_MS } from "./works.ts";

/** The server, or the same one behind a delay. */
export interface Store {
  readonly name: string;
  readonly minio: Minio;
  /** The server itself. */
  readonly direct: Minio;
  /** A bucket of its own, gone with `undo`. */
  newBucket(undo: Undo): Promise<StoreBucket>;
}

export interface StoreBucket extends Pick<TestBucket, "name"> {
  /** Past any delay. */
  readonly direct: TestBucket["client"];
  /** As the store is reached otherwise. */
  readonly client: TestBucket["client"];
  /** The section of a configuration for a datastore there. */
  readonly section: JsonObject & { readonly endpoint: string; readonly bucket: string };
}

/** One server, twice. */
export const openStores = async (bench: Bench, undo: Undo): Promise<readonly Store[]> => {
  const minio = await provideMinio({ build: true });
  undo.add(() => minio.stop());
  bench.note(`the server of S3 is ${minio.how}`);
  const proxy = fileURLToPath(new URL("delayed.ts", import.meta.url));
  const program = startProgram(process.execPath, ["--import", "tsx", proxy, minio.url, String(DELAY_MS)], {
    signal: bench.signal,
    cwd: projectFolder,
  });
  undo.add(() => program.stop());
  const url = await program.firstLine;
  return [storeOf("MinIO", minio, minio), storeOf(`MinIO + ${DELAY_MS} ms`, minio, { ...minio, url })];
};

const storeOf = (name: string, direct: Minio, minio: Minio): Store => ({
  name,
  minio,
  direct,
  async newBucket(undo) {
    const bucket = await makeBucket(direct);
    undo.add(() => bucket.remove());
    const { url, accessKey, secretKey } = minio;
    return {
      name: bucket.name,
      direct: bucket.client,
      client: clientOf(minio),
      section: { plugin: "datastore-minio", endpoint: url, bucket: bucket.name, accessKey, secretKey },
    };
  },
});
