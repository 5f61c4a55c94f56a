import { randomUUID } from "node:crypto";
import { Client } from "minio";
import type { Minio } from "./minio.ts";

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
  const remove = async () => {
    const objects: { name: string; versionId?: string }[] = [];
    for await (const item of client.listObjects(name, "", true, { IncludeVersion: true }))
      objects.push({ name: item.name, ...(item.versionId && { versionId: item.versionId }) });
    await client.removeObjects(name, objects);
    await client.removeBucket(name);
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
