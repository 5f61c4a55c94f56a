import { CodedError } from "../contract/index.ts";
import type { ImageFormat } from "./format.ts";

/** So much of an image is looked at before anything else reads it. */
export const HEAD_BYTES = 512;

const QCOW2_BACKING_OFFSET = 8;
const QCOW2_VERSION = 4;
const QCOW2_CRYPT_METHOD = 32;
/** Of version 3: incompatible features; bit 2 says that the data is in another file. */
const QCOW2_FEATURES = 72;
const QCOW2_DATA_FILE = 4n;
/** The number of sectors in a VMDK's own header; 0 leaves it to a description, which may name any file. */
const VMDK_CAPACITY = 12;

/**
 * Refuses, by the image's own header and before a program of QEMU's opens it, what has its content elsewhere: an image
 * that somebody else made could name any file that the server may read. `image-not-whole`, `image-unusable`.
 */
export function demandWhole(path: string, head: Buffer, format: ImageFormat): void {
  const reference = references[format](head);
  if (reference !== undefined) throw new CodedError("image-not-whole", { path, reference });
  if (format === "qcow2" && head.readUInt32BE(QCOW2_CRYPT_METHOD) !== 0)
    throw new CodedError("image-unusable", { path, problem: "it is encrypted" });
}

const qcow2Reference = (head: Buffer): string | undefined => {
  if (head.readBigUInt64BE(QCOW2_BACKING_OFFSET) !== 0n) return "it has a backing file";
  const features = head.readUInt32BE(QCOW2_VERSION) < 3 ? 0n : head.readBigUInt64BE(QCOW2_FEATURES);
  return (features & QCOW2_DATA_FILE) !== 0n ? "its data is in another file" : undefined;
};

const vmdkReference = (head: Buffer): string | undefined =>
  head.toString("latin1", 0, 4) === "KDMV" && head.readBigUInt64LE(VMDK_CAPACITY) !== 0n
    ? undefined
    : "its data is in other files";

const references: Readonly<Record<ImageFormat, (head: Buffer) => string | undefined>> = {
  raw: () => undefined,
  qcow2: qcow2Reference,
  vmdk: vmdkReference,
  vhdx: () => undefined,
};
