import type { NbdClient } from "../nbd/client.ts";

/** Bytes that one copy moves, and copies in flight at once. */
export const PIECE_BYTES = 256 * 1024;
export const MOST_IN_FLIGHT = 8;

/** Lengths in requests have 32 bits. */
const MOST_ASKED_BYTES = 1024 ** 3;
const ZEROES = Buffer.alloc(PIECE_BYTES);

/** Of a piece, or of a part of one. */
export const isZero = (bytes: Buffer): boolean => bytes.equals(ZEROES.subarray(0, bytes.length));

/** The pieces of an export that don't wholly read as zeroes by what its server knows, in order. */
export async function* writtenPieces(client: NbdClient): AsyncIterable<number> {
  let next = 0;
  for (let at = 0; at < client.sizeBytes; ) {
    const asked = Math.min(MOST_ASKED_BYTES, client.sizeBytes - at);
    for (const { offset, length, zero } of await statusOf(client, at, asked)) {
      const end = Math.min(offset + length, client.sizeBytes);
      at = Math.max(at, end);
      if (zero) continue;
      for (next = Math.max(next, Math.floor(offset / PIECE_BYTES)); next * PIECE_BYTES < end; ) yield next++;
    }
  }
}

/** A server that knows nothing of a range has data there. */
const statusOf = async (client: NbdClient, offset: number, length: number) => {
  const found = client.contexts.size > 0 ? await client.blockStatus(offset, length) : [];
  return found.length > 0 ? found : [{ offset, length, zero: false }];
};
