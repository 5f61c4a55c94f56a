import { BLOCK_BYTES } from "../cell.ts";

const BLOCKS = 64;
export const SIZE = BLOCKS * BLOCK_BYTES;

/** The `n`th write of a writer of a test, from 1 on: a block full of its number. */
export const writeOf = (n: number): { readonly offset: number; readonly from: Uint8Array } => ({
  offset: ((n * 7) % BLOCKS) * BLOCK_BYTES,
  from: new Uint8Array(new Uint32Array(BLOCK_BYTES / 4).fill(n).buffer),
});

/** How many first writes made it; `undefined` where it is none such. */
export const writesIn = (content: Buffer): number | undefined => {
  let last = 0;
  for (let block = 0; block < BLOCKS; block++)
    last = Math.max(last, content.readUInt32LE(block * BLOCK_BYTES));
  const expected = Buffer.alloc(SIZE);
  for (let n = Math.max(1, last - BLOCKS); n <= last; n++) expected.set(writeOf(n).from, writeOf(n).offset);
  return expected.equals(content) ? last : undefined;
};
