import { crc32 } from "node:zlib";

const CHECKSUM = ',"checksum":';

/**
 * A record as it lies in the bucket: JSON whose last entry is the CRC-32 of its key and of all that stands before that
 * entry. A digit that has changed in a log's name would else lead to a log that isn't there: to an empty disk.
 */
export const encodeRecord = (key: string, record: object): Buffer => {
  const body = Buffer.from(JSON.stringify(record).slice(0, -1));
  return Buffer.concat([body, Buffer.from(`${CHECKSUM}${checksumOf(key, body)}}`)]);
};

/** The record; undefined where it isn't as it was made, or was made under another key. */
export const decodeRecord = (key: string, bytes: Buffer): unknown => {
  const end = bytes.lastIndexOf(CHECKSUM);
  if (end < 0) return undefined;
  const body = bytes.subarray(0, end);
  if (bytes.toString("latin1", end) !== `${CHECKSUM}${checksumOf(key, body)}}`) return undefined;
  return JSON.parse(`${body.toString("utf8")}}`);
};

const checksumOf = (key: string, body: Buffer): number => crc32(body, crc32(key));
