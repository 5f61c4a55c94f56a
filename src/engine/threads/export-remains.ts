import { CodedError, type Layer, type Rescue, type RescueCall } from "../../contract/index.ts";
import { createImage } from "../../images/index.ts";

/** Read and written at once. */
const PIECE_BYTES = 1024 * 1024;
/** The least that is given up where something can't be read. */
const LEAST_BYTES = 4096;
const PROGRESS_BYTES = 64 * PIECE_BYTES;
/** How many ranges are told that can't be read. */
const MAX_TOLD = 100;

export interface RemainsToExport {
  /** A raw image that isn't there yet. */
  readonly path: string;
  /** As a cut at that number would leave it. */
  readonly before: number | undefined;
  /** What can't be read becomes zeroes, instead of ending the export. */
  readonly zeroDamaged: boolean;
}

export interface ExportedRemains {
  readonly sizeBytes: number;
  readonly bytesCopied: number;
  readonly damaged: { offset: number; length: number }[];
  readonly damagedBytes: number;
}

/** Copies what remains of a layer to a new sparse image, durably. */
export async function exportRemains(
  rescue: Rescue,
  name: string,
  { path, before, zeroDamaged }: RemainsToExport,
  call: RescueCall,
): Promise<ExportedRemains> {
  const layer = await rescue.openRemains(name, { before, signal: call.signal });
  try {
    const { sizeBytes } = layer;
    const image = await createImage({ path, format: "raw", sizeBytes }, { resume: false });
    try {
      const copied = await copy(layer, image, zeroDamaged, call);
      await image.flush();
      return { sizeBytes, ...copied };
    } finally {
      await image.close();
    }
  } finally {
    await layer.close();
  }
}

async function copy(
  from: Layer,
  to: Layer,
  zeroDamaged: boolean,
  { signal, progress }: RescueCall,
): Promise<Omit<ExportedRemains, "sizeBytes">> {
  const buffer = Buffer.alloc(PIECE_BYTES);
  const damaged: { offset: number; length: number }[] = [];
  let [bytesCopied, damagedBytes, toldBytes] = [0, 0, 0];
  const copyPiece = async (offset: number, length: number): Promise<void> => {
    signal.throwIfAborted();
    const piece = buffer.subarray(0, length);
    try {
      await from.read(offset, piece);
    } catch (error) {
      if (!zeroDamaged || !isLost(error)) throw error;
      for (let at = offset; length > LEAST_BYTES && at < offset + length; at += LEAST_BYTES)
        await copyPiece(at, Math.min(LEAST_BYTES, offset + length - at));
      if (length > LEAST_BYTES) return;
      damagedBytes += length;
      if (damaged.length < MAX_TOLD) damaged.push({ offset, length });
      return;
    }
    if (piece.every((byte) => byte === 0)) return;
    await to.write(offset, piece);
    bytesCopied += length;
  };
  for await (const { kind, offset, length } of from.extents(0, from.sizeBytes))
    for (let at = offset; kind === "data" && at < offset + length; at += PIECE_BYTES) {
      await copyPiece(at, Math.min(PIECE_BYTES, offset + length - at));
      if (at - toldBytes < PROGRESS_BYTES) continue;
      toldBytes = at;
      progress({ phase: "copying", percent: (at / from.sizeBytes) * 100, bytesCopied });
    }
  return { bytesCopied, damaged, damagedBytes };
}

/** Whether the layer says that the bytes are gone for good: a store that doesn't answer has them still. */
const isLost = (error: unknown): boolean =>
  CodedError.is(error, "layer-io-failed") && error.data["lost"] === true;
