import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";

/** What is written to a socket, or summed up, before anything else gets a turn: some tenths of a millisecond. */
const SLICE_BYTES = 256 * 1024;

/** The bytes of a PUT, in slices that are big enough for a system call and small enough for an event loop. */
export class Body {
  readonly sizeBytes: number;
  readonly #slices: readonly Uint8Array[];

  constructor(parts: readonly Uint8Array[]) {
    this.sizeBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    this.#slices = [...slicesOf(parts)];
  }

  /** The whole body where one slice holds it. */
  get small(): Buffer | undefined {
    const [only, another] = this.#slices;
    if (another !== undefined) return undefined;
    return only === undefined ? Buffer.alloc(0) : Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }

  /** `sent` is called when the next slice is asked for: what came before has gone. */
  async *slices(sent: () => void): AsyncGenerator<Uint8Array> {
    for (const slice of this.#slices) {
      yield slice;
      sent();
      // A fast network takes slice after slice, and never comes to an end of its turn.
      await setImmediate();
    }
  }

  /** Its CRC-32. */
  async checksum(): Promise<number> {
    let sum = 0;
    for (const [index, slice] of this.#slices.entries()) {
      if (index > 0) await setImmediate();
      sum = crc32(slice, sum);
    }
    return sum;
  }
}

/** A CRC-32 as `x-amz-checksum-crc32` wants it. */
export const checksumText = (crc32: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString("base64");
};

/** Large parts are cut, without copying; small ones put together. */
function* slicesOf(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  const flush = function* (): Generator<Uint8Array> {
    const [only] = gathered;
    if (only !== undefined) yield gathered.length === 1 ? only : Buffer.concat(gathered);
    gathered = [];
    gatheredBytes = 0;
  };
  for (const part of parts)
    for (let at = 0; at < part.byteLength; at += SLICE_BYTES) {
      const piece = part.subarray(at, at + SLICE_BYTES);
      if (gatheredBytes + piece.byteLength > SLICE_BYTES) yield* flush();
      gathered.push(piece);
      gatheredBytes += piece.byteLength;
    }
  yield* flush();
}
