import { createHash } from "node:crypto";
import type { MemoryObjects } from "./memory-objects.ts";

/** The object, made whole again with another first byte of its index. */
export const withFormat = (objects: MemoryObjects, key: string, format: number): void => {
  const bytes = Buffer.from(objects.objects.get(key) ?? []);
  const index = bytes.subarray(bytes.length - bytes.readUInt32LE(bytes.length - 8));
  index[0] = format;
  createHash("sha256")
    .update(index.subarray(0, -40))
    .digest()
    .copy(index, index.length - 40);
  objects.objects.set(key, bytes);
};
