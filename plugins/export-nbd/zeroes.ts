import { ZERO_PIECE_BYTES } from "./limits.ts";

/** Never written to. */
export const zeroPiece = (): Buffer => Buffer.alloc(ZERO_PIECE_BYTES);

/** Whether they are all zero. Data is told apart by its first bytes, so it costs next to nothing there. */
export const allZero = (bytes: Buffer, zeroes: Buffer): boolean => {
  for (let at = 0; at < bytes.length; at += zeroes.length) {
    const to = Math.min(bytes.length, at + zeroes.length);
    if (bytes.compare(zeroes, 0, to - at, at, to) !== 0) return false;
  }
  return true;
};
