import { randomUUID } from "node:crypto";
import { Client, S3Error } from "minio";
import type { Minio } from "./minio.ts";

/** How often a bucket that isn't empty is emptied again. */
const ATTEMPTS = 10;

/** A bucket of one's own, on a server that others use too. */
export interface TestBucket {
  readonly name: string;
  readonly client: Client;
  /** With all that is in it. */
  remove(): Promise<void>;
}

export const makeBucket = async (minio: Minio): Promise<TestBucket> => {
  const client = clientOf(minio);
  const name = `pagurus-${randomUUID()}`;
  await client.makeBucket(name);
  const clear = async () => {
    const names: string[] = [];
    for await (const item of client.listObjectsV2(name, "", true)) names.push(item.name);
    await client.removeObjects(name, names);
    // What a versioned bucket still has of them. The client can't list more than a page of versions.
    const versions: { name: string; versionId?: string }[] = [];
    for await (const item of client.listObjects(name, "", true, { IncludeVersion: true }))
      versions.push({ name: item.name, ...(item.versionId && { versionId: item.versionId }) });
    await client.removeObjects(name, versions);
  };
  const remove = async () => {
    for (let attempt = 1; ; attempt++) {
      await clear();
      try {
        await client.removeBucket(name);
        return;
      } catch (error) {
        // What a server that has ended had on its way may arrive now.
        const late = error instanceof S3Error && error.code === "BucketNotEmpty" && attempt < ATTEMPTS;
        if (!late) throw error;
      }
    }
  };
  return { name, client, remove };
};

export const clientOf = ({ url, accessKey, secretKey }: Omit<Minio, "how" | "stop">): Client => {
  const { hostname, port, protocol } = new URL(url);
  return new Client({
    endPoint: hostname,
    ...(port && { port: Number(port) }),
    useSSL: protocol === "https:",
    accessKey,
    secretKey,
  });
};
