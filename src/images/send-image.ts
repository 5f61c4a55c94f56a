import { CodedError, type Layer } from "../contract/index.ts";
import { Flight } from "../disks/flight.ts";
import type { NbdClient } from "../nbd/client.ts";

/** Bytes that one copy moves, and copies in flight at once. */
const PIECE_BYTES = 256 * 1024;
const MOST_IN_FLIGHT = 8;

export interface Sending {
  /** The disk's name. */
  readonly disk: string;
  readonly signal: AbortSignal;
  /** How far it is, in bytes of the disk, and how many of them were sent. */
  readonly progress: (reached: number, bytesCopied: number) => void;
}

/**
 * Writes what an image holds to a new, empty disk over NBD, reads it back and makes it durable; holes and zeroes stay
 * holes. Answers how many bytes were sent. `block-mismatch`, `peer-lost`, `nbd-error`, and as the image's reads.
 */
export async function sendImage(
  image: Layer,
  client: NbdClient,
  { disk, signal, progress }: Sending,
): Promise<number> {
  const flight = new Flight(MOST_IN_FLIGHT);
  let bytesCopied = 0;
  const send = async (offset: number, length: number) => {
    const bytes = Buffer.alloc(length);
    await image.read(offset, bytes);
    if (bytes.every((byte) => byte === 0)) return;
    await client.write(offset, bytes);
    if (!bytes.equals(await client.read(offset, length)))
      throw new CodedError("block-mismatch", { disk, offset });
    bytesCopied += length;
  };
  try {
    for await (const { kind, offset, length } of image.extents(0, image.sizeBytes)) {
      for (let at = offset; kind === "data" && at < offset + length; at += PIECE_BYTES) {
        signal.throwIfAborted();
        flight.check();
        if (flight.full) await flight.room();
        flight.add(send(at, Math.min(PIECE_BYTES, offset + length - at)));
        progress(at, bytesCopied);
      }
      progress(offset + length, bytesCopied);
    }
  } finally {
    await flight.end();
  }
  flight.check();
  await client.flush();
  return bytesCopied;
}
