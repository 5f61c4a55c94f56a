import { CodedError, type Layer } from "../contract/index.ts";
import { BlockBitmap } from "../disks/block-bitmap.ts";
import { Flight } from "../disks/flight.ts";
import type { NbdClient } from "../nbd/client.ts";
import { isZero, MOST_IN_FLIGHT, PIECE_BYTES, writtenPieces } from "./pieces.ts";

const SECTOR_BYTES = 512;
const NO_SECTOR = Buffer.alloc(SECTOR_BYTES);

/** What a disk has of an image already. */
export interface Present {
  /** Of those that are set disk and image were found equal. */
  readonly pieces: BlockBitmap;
  /** In them, where they aren't all zero. */
  readonly bytes: number;
}

export interface Comparing {
  /** The disk's name. */
  readonly disk: string;
  readonly signal: AbortSignal;
  /** How far it is, in bytes of the disk. */
  readonly progress: (reached: number) => void;
}

/**
 * Reads what a disk holds, and what an image has there. Whatever is neither zero nor the image's was not copied from it
 * and would be lost: `disk-holds-other`, and nothing was changed. `peer-lost`, `nbd-error`, and as the image's reads.
 */
export async function compareImage(
  image: Layer,
  client: NbdClient,
  { disk, signal, progress }: Comparing,
): Promise<Present> {
  const flight = new Flight(MOST_IN_FLIGHT);
  const pieces = new BlockBitmap(Math.ceil(image.sizeBytes / PIECE_BYTES));
  let bytes = 0;
  const compare = async (piece: number) => {
    const offset = piece * PIECE_BYTES;
    const wanted = Buffer.alloc(Math.min(PIECE_BYTES, image.sizeBytes - offset));
    await image.read(offset, wanted);
    const there = await client.read(offset, wanted.length);
    if (there.equals(wanted)) {
      pieces.set(piece, 1);
      if (!isZero(wanted)) bytes += wanted.length;
      return;
    }
    const other = firstOther(there, wanted);
    if (other !== undefined)
      throw new CodedError("disk-holds-other", { disk, image: image.ref.layer, offset: offset + other });
  };
  try {
    for await (const piece of writtenPieces(client)) {
      signal.throwIfAborted();
      flight.check();
      if (flight.full) await flight.room();
      flight.add(compare(piece));
      progress(piece * PIECE_BYTES);
    }
  } finally {
    await flight.end();
  }
  flight.check();
  return { pieces, bytes };
}

/** By sectors: a write that a crash has cut short is there up to one of them. */
function firstOther(there: Buffer, wanted: Buffer): number | undefined {
  for (let at = 0; at < there.length; at += SECTOR_BYTES) {
    const sector = there.subarray(at, at + SECTOR_BYTES);
    if (!sector.equals(wanted.subarray(at, at + SECTOR_BYTES)) && !sector.equals(NO_SECTOR)) return at;
  }
  return undefined;
}
