import { randomFillSync } from "node:crypto";
import { open } from "node:fs/promises";

const MIB = 1024 * 1024;

/** Bytes that no two blocks of 4 KiB have in common, at little cost: random ones, and their offset in each block. */
export const dataAt = (pattern: Buffer, offset: number): Buffer => {
  for (let at = 0; at < pattern.length; at += 4096) pattern.writeBigUInt64LE(BigInt(offset + at + 1), at);
  return pattern;
};

export const newPattern = (length: number): Buffer => randomFillSync(Buffer.alloc(length));

/** A file full of data. */
export const makeData = async (path: string, sizeBytes: number): Promise<void> => {
  const pattern = newPattern(MIB);
  const file = await open(path, "w");
  try {
    for (let at = 0; at < sizeBytes; at += MIB)
      await file.write(dataAt(pattern, at), 0, Math.min(MIB, sizeBytes - at), at);
  } finally {
    await file.close();
  }
};
