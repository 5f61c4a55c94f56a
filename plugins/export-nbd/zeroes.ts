import { ZERO_PIECE_BYTES } from "./limits.ts";

/** Never written to. */
export const zeroPiece = (): Buffer => Buffer.alloc(ZERO_PIECE_BYTES);

/** Whether the range holds only zeroes. Data is told apart by its first bytes, so it costs next to nothing there. */
export const allZero = (bytes: Buffer, start: number, end: number, zeroes: Buffer): boolean => {
  for (let at = start; at < end; at += zeroes.length) {
    const to = Math.min(end, at + zeroes.length);
    if (bytes.compare(zeroes, 0, to - at, at, to) !== 0) return false;
  }
  return true;
};
