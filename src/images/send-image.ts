import { CodedError, type Layer } from "../contract/index.ts";
import { Flight } from "../disks/flight.ts";
import type { NbdClient } from "../nbd/client.ts";
import type { Present } from "./compare-image.ts";
import { isZero, MOST_IN_FLIGHT, PIECE_BYTES } from "./pieces.ts";

export interface Sending {
  /** The disk's name. */
  readonly disk: string;
  /** What the disk has already. Elsewhere it holds nothing but the image's and zeroes. */
  readonly present: Present["pieces"];
  readonly signal: AbortSignal;
  /** How far it is, in bytes of the disk, and how many of them were sent. */
  readonly progress: (reached: number, bytesCopied: number) => void;
}

/**
 * Writes what a disk lacks of an image over NBD, reads it back and makes all of it durable; holes and zeroes stay
 * holes. `block-mismatch`, `peer-lost`, `nbd-error`, and as the image's reads.
 */
export async function sendImage(
  image: Layer,
  client: NbdClient,
  { disk, present, signal, progress }: Sending,
): Promise<void> {
  const flight = new Flight(MOST_IN_FLIGHT);
  let bytesCopied = 0;
  const send = async (offset: number, length: number) => {
    const bytes = Buffer.alloc(length);
    await image.read(offset, bytes);
    if (isZero(bytes)) return;
    await client.write(offset, bytes);
    bytesCopied += length;
    if (!bytes.equals(await client.read(offset, length)))
      throw new CodedError("block-mismatch", { disk, offset });
  };
  try {
    for await (const { kind, offset, length } of image.extents(0, image.sizeBytes)) {
      const end = offset + length;
      for (let at = offset; kind === "data" && at < end; ) {
        signal.throwIfAborted();
        flight.check();
        const piece = Math.floor(at / PIECE_BYTES);
        const next = Math.min((piece + 1) * PIECE_BYTES, end);
        if (!present.has(piece)) {
          if (flight.full) await flight.room();
          flight.add(send(at, next - at));
        }
        at = next;
        progress(at, bytesCopied);
      }
      progress(end, bytesCopied);
    }
  } finally {
    await flight.end();
    progress(image.sizeBytes, bytesCopied);
  }
  flight.check();
  await client.flush();
}
