/** Writes are tracked and copied in blocks of this many bytes. */
export const BLOCK_BYTES = 4096;

/** Number of blocks of a disk; the last may be short. */
export const blockCount = (sizeBytes: number): number => Math.ceil(sizeBytes / BLOCK_BYTES);

/** The block that holds a byte. Divides: offsets go beyond 32 bits. */
export const blockOf = (offset: number): number => Math.floor(offset / BLOCK_BYTES);

/** Adjacent blocks. */
export interface Run {
  readonly first: number;
  readonly count: number;
}
