import { alignedBuffer } from "../contract/index.ts";

/** Bytes that one copy moves at a time: small enough to let the guest in between, large enough to be quick. */
export const COPY_BYTES = 256 * 1024;

/** One copy's two buffers: what was read from the source, what was read back from the target. */
export interface CopyBuffers {
  readonly source: Uint8Array;
  readonly readBack: Uint8Array;
}

/**
 * Page-aligned buffers for as many copies as may be in flight, made when first needed.
 */
export class CopyBufferPool {
  readonly #free: CopyBuffers[] = [];

  take(): CopyBuffers {
    return this.#free.pop() ?? make();
  }

  give(buffers: CopyBuffers): void {
    this.#free.push(buffers);
  }
}

const make = (): CopyBuffers => {
  const both = alignedBuffer(2 * COPY_BYTES);
  return { source: both.subarray(0, COPY_BYTES), readBack: both.subarray(COPY_BYTES) };
};

const zeroes = Buffer.alloc(COPY_BYTES);

/** Whether all bytes (at most `COPY_BYTES`) are zero. */
export const isZero = (bytes: Uint8Array): boolean => zeroes.subarray(0, bytes.length).equals(bytes);

/** The offset of the first byte that differs, or -1. */
export const firstDifference = (a: Uint8Array, b: Uint8Array): number =>
  Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, index) => byte !== b[index]);
