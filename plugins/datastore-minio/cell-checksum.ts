import { crc32 } from "node:zlib";
import { BLOCK_SECTORS } from "./cell.ts";

/**
 * What the checksum of a cell begins with: its log, its segment and its place on the disk. Bytes that are sound but belong
 * elsewhere are found out as surely as damaged ones: with another beginning the same bytes have another CRC-32.
 */
export const cellSeed = (logSeed: number, segment: number, block: number, firstSector: number): number =>
  (logSeed ^ Math.imul(segment, 0x9e3779b1) ^ Math.imul(block * BLOCK_SECTORS + firstSector, 0x85ebca6b)) >>>
  0;

/** The part of a cell's seed that is the log's. */
export const logSeedOf = (log: string): number => crc32(log);

/** CRC-32 of `bytes`, begun with `seed` or continued from what came before them. */
export const checksumOf = (bytes: Uint8Array, seed: number): number => crc32(bytes, seed);
