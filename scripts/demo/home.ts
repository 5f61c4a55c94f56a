import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Disk, JsonObject } from "../../src/contract/index.ts";
import { makeBucket } from "../minio/bucket.ts";
import { provideMinio } from "../minio/provide.ts";
import { compareBucket } from "./bucket-proof.ts";
import { type Compared, compareFile, type Proof } from "./proofs.ts";

/** Where the disk moves to: the datastore `archive`. */
export interface Home extends AsyncDisposable {
  /** For people. */
  readonly description: string;
  /** Its section of the configuration, for a server whose configuration is in this folder. */
  configure(folder: string): Promise<JsonObject>;
  /** Reads there what the disk holds, past the server. */
  compare(layer: Disk["layers"][number], compared: Compared): Promise<Proof>;
}

/** A folder beside that of the first datastore. */
export const localHome = (): Home => ({
  description: "the folder archive",
  async configure(folder) {
    const root = join(folder, "archive");
    await mkdir(root);
    return { plugin: "datastore-local", root };
  },
  compare: ({ location }, compared) => compareFile(location ?? "", compared),
  [Symbol.asyncDispose]: async () => undefined,
});

/** A bucket of its own in MinIO, which is built where there is none. */
export const bucketHome = async (): Promise<Home> => {
  const minio = await provideMinio({ build: true });
  const bucket = await makeBucket(minio);
  const { url: endpoint, accessKey, secretKey } = minio;
  return {
    description: `the bucket ${bucket.name} of MinIO at ${endpoint} (${minio.how})`,
    configure: async () => ({
      plugin: "datastore-minio",
      ...{ endpoint, bucket: bucket.name, accessKey, secretKey },
    }),
    compare: ({ layer }, compared) => compareBucket({ minio, bucket: bucket.name, layer }, compared),
    async [Symbol.asyncDispose]() {
      await bucket.remove();
      await minio.stop();
    },
  };
};
