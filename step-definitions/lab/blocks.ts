import type { Deed } from "../rehearsal/rule.ts";

/** Moves track and copy in blocks of this size. */
export const BLOCK_BYTES = 4096;

/** What a block of a disk holds before a scenario's own writes: something everywhere, and nowhere the same. */
export const firstContent = (sizeBytes: number): Buffer => {
  const content = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) content.writeUInt32LE((at * 2654435761 + 12345) >>> 0, at);
  return content;
};

export const touches = ({ offset, length }: Deed, block: number): boolean =>
  offset < (block + 1) * BLOCK_BYTES && offset + length > block * BLOCK_BYTES;

/** What changes a layer's content. */
export const isChange = ({ operation }: Deed): boolean => operation === "write" || operation === "zero";
