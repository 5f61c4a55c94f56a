import { alignedBuffer, type HashFunction } from "../../contract/index.ts";
import type { Disk } from "../../disks/index.ts";

const PIECE_BYTES = 256 * 1024;

/** The signature of all bytes of a disk, in hexadecimal. Not of one moment: what is written meanwhile is in it or not. */
export async function digestOf(disk: Disk, hash: HashFunction, signal: AbortSignal): Promise<string> {
  const digest = hash.create();
  const buffer = alignedBuffer(PIECE_BYTES);
  const connection = disk.connect({ alive: () => true });
  try {
    for (let offset = 0; offset < disk.sizeBytes; offset += PIECE_BYTES) {
      signal.throwIfAborted();
      const bytes = buffer.subarray(0, Math.min(PIECE_BYTES, disk.sizeBytes - offset));
      await connection.read(offset, bytes);
      digest.update(bytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await connection.close();
  }
  return Buffer.from(digest.digest()).toString("hex");
}
